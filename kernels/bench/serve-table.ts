/** The figures of docs/serve.md, from results/serve.json and results/grammar.json. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "../..");
const PAGE = join(root, "docs/serve.md");

interface Serve {
  readonly machine: string;
  readonly firstTokenRunMilliseconds: number;
  readonly firstTokenServeMilliseconds: number;
  readonly clients100Seconds: number;
  readonly memoryBefore: number;
  readonly memoryAfter: number;
}

interface Mask {
  readonly first: number;
  readonly again: number;
  readonly allowed: number;
}

interface GrammarResults {
  readonly tokens: number;
  readonly sortingMilliseconds: number;
  readonly states: Readonly<Record<"start" | "string" | "date" | "shortString" | "number", Mask>>;
  readonly replyMillisecondsPerToken: { readonly first: number; readonly median: number };
}

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const count = (value: number) => value.toLocaleString("en-US");

/** The page with these figures. */
export function withServe(page: string, serve: Serve, grammar: GrammarResults): string {
  const { string, number } = grammar.states;
  const grown = (serve.memoryAfter - serve.memoryBefore) / 1e6;
  const rows = [
    ["first token of `qwq run`, whose model is loaded", ms(serve.firstTokenRunMilliseconds)],
    ["first token by way of the server", ms(serve.firstTokenServeMilliseconds)],
    ["100 clients at once, a sum each, all answered", `${serve.clients100Seconds.toFixed(1)} s`],
    ["growth of memory over 1,000 requests, a tenth of them left half-way", `${grown.toFixed(1)} MB`],
    [`sorting Qwen's ${count(grammar.tokens)} tokens, once a model`, ms(grammar.sortingMilliseconds)],
    [`mask of a new state in a string (${count(string.allowed)} tokens may come)`, ms(string.again)],
    [`mask of a new state in a number (${count(number.allowed)})`, ms(number.again)],
    ["a token of a JSON answer, masks kept, Qwen's vocabulary", ms(grammar.replyMillisecondsPerToken.median)],
  ];
  const table = ["| what | |", "|---|---|", ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n");
  const how = `Made by \`npm run bench:serve\` (kernels/bench/results/serve.json, grammar.json): ${serve.machine}; the embedded model.`;
  return page.replace(
    /<!-- figures -->[^]*<!-- \/figures -->/,
    `<!-- figures -->\n\n${table}\n\n${how}\n\n<!-- /figures -->`,
  );
}

/** The committed results. */
export function readServe(): [Serve, GrammarResults] {
  const read = (name: string) => JSON.parse(readFileSync(join(root, "kernels/bench/results", name), "utf8")) as unknown;
  return [read("serve.json") as Serve, read("grammar.json") as GrammarResults];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  writeFileSync(PAGE, withServe(readFileSync(PAGE, "utf8"), ...readServe()));
}
