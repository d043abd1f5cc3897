/** The tables of docs/kernels.md, from the committed results: `npx tsx kernels/bench/tables.ts` writes them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Cost, readCost, type Spread } from "./cost-picture.ts";
import type { FullSpeed } from "./full-speed.ts";
import { type Kernels, kernelsTable } from "./kernels/table.ts";
import { median, type Peers, table } from "./peers/table.ts";
import { type Tiles, tileTable } from "./tile-table.ts";

const root = join(import.meta.dirname, "../..");
const place = (name: string) => join(root, "kernels/bench/results", name);
const result = (name: string): unknown => JSON.parse(readFileSync(place(name), "utf8"));
/** A result that may not have been committed yet. */
const optional = (name: string): unknown => (existsSync(place(name)) ? result(name) : undefined);

interface Summary {
  readonly perplexity: number;
  readonly sourcePerplexity: number;
  readonly kl: { readonly mean: number; readonly max: number };
  readonly agreement: number;
}

interface Accuracy {
  readonly machine: { readonly node: string };
  readonly tokens: number;
  readonly window: number;
  readonly models: readonly {
    readonly name: string;
    readonly relaxed: boolean;
    readonly f32: Summary;
    readonly int8: Summary;
  }[];
}

interface Speculation {
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly node: string;
    readonly threads: number;
  };
  readonly rounds: number;
  readonly results: readonly {
    readonly prompt: string;
    readonly sampled: boolean;
    readonly tokens: number;
    readonly runs: readonly {
      readonly speculate: number;
      readonly tokensPerSecond: number;
      readonly drafted: number;
      readonly accepted: number;
    }[];
  }[];
}

export interface KernelResults {
  readonly peers: readonly Peers[];
  readonly accuracies: readonly Accuracy[];
  readonly speculation: Speculation;
  readonly cost: Cost;
  readonly single: Kernels | undefined;
  readonly full: FullSpeed | undefined;
  readonly tile: Tiles | undefined;
}

export function readKernels(): KernelResults {
  return {
    peers: ["peers.json", "peers-intel.json"].map((name) => result(name) as Peers),
    accuracies: ["activations-node20.json", "activations-node24.json"].map((name) => result(name) as Accuracy),
    speculation: result("speculation.json") as Speculation,
    cost: readCost()[0],
    single: optional("kernels.json") as Kernels | undefined,
    full: optional("full-speed.json") as FullSpeed | undefined,
    tile: optional("tile.json") as Tiles | undefined,
  };
}

export const KERNELS: string = join(root, "docs/kernels.md");

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function accuracyTable(accuracies: readonly Accuracy[]): string {
  const percent = ({ perplexity, sourcePerplexity }: Summary) => {
    const change = 100 * (perplexity / sourcePerplexity - 1);
    return `${change < 0 ? "-" : "+"}${Math.abs(change).toPrecision(2)} %`;
  };
  const rows = accuracies.flatMap(({ machine, models }) =>
    models.flatMap((model) =>
      (["f32", "int8"] as const).map((kind) => {
        const summary = model[kind];
        const { perplexity, kl, agreement } = summary;
        return [
          `${machine.node.split(".")[0]!.replace("v", "Node ")}${model.relaxed ? ", relaxed SIMD" : ""}`,
          model.name,
          kind,
          perplexity.toFixed(4),
          percent(summary),
          kl.mean.toExponential(1),
          kl.max.toExponential(1),
          `${(100 * agreement).toFixed(1)} %`,
        ];
      }),
    ),
  );
  const head = [
    "engine",
    "weights",
    "activations",
    "perplexity",
    "of the reference's",
    "mean KL",
    "largest KL",
    "same first",
  ];
  const { tokens, window } = accuracies[0]!;
  return `${markdown(head, rows)}\n\nSmolLM2-135M-Instruct, ${tokens} tokens in windows of ${window}, against the reference on the same file, KL in nats a token. Q4_1 is\nthe published file, the others what \`qwq quantize\` made of it. Made by \`npm run bench:activations\`.`;
}

function speculationTable({ machine, rounds, results }: Speculation): string {
  const drafts = results[0]!.runs.map((run) => run.speculate);
  const rows = results.map(({ prompt, sampled, tokens, runs }) => {
    const [plain] = runs;
    const cells = runs.slice(1).map(({ tokensPerSecond, drafted, accepted }) => {
      const ratio = (tokensPerSecond / plain!.tokensPerSecond).toFixed(2);
      return `${ratio} (${accepted} of ${drafted})`;
    });
    return [prompt, sampled ? "temperature 0.6" : "greedy", `${tokens}`, plain!.tokensPerSecond.toFixed(0), ...cells];
  });
  const head = ["prompt", "sampling", "tokens", "tokens/s without", ...drafts.slice(1).map((n) => `drafts of ${n}`)];
  const { processor, cores, node, threads } = machine;
  return `${markdown(head, rows)}\n\nSpeed with drafts over speed without, and how many drafted tokens came; medians of ${rounds} interleaved rounds.\nSmolLM2-135M-Instruct Q4_1, ${processor}, ${cores} cores, ${threads} threads, Node ${node}. Made by \`npm run bench:speculation\`.`;
}

function costTables({ machine, contexts, prompts, threads }: Cost): string {
  const shown = ({ median, least, most }: Spread, digits = 0) =>
    `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
  const first = contexts[0]!.milliseconds.median;
  const before = contexts.map(({ context, milliseconds }) => [
    `${context}`,
    shown(milliseconds, 1),
    (milliseconds.median / first).toFixed(2),
  ]);
  const lengths = prompts.map(({ tokens, tokensPerSecond }) => [`${tokens}`, shown(tokensPerSecond)]);
  const each = threads.map(({ threads, read, written }) => [`${threads}`, shown(read), shown(written)]);
  const { processor, cores, node } = machine;
  return [
    markdown(["tokens before it", "ms to write a token", "of the first"], before),
    markdown(["tokens of the prompt", "read a second"], lengths),
    markdown(["threads", "read a second (128)", "written a second (after 128)"], each),
    `Medians (least to most) of interleaved rounds; the 0.5B shape in Q8_0, keys and values in float32, ${processor}, ${cores} cores,\nNode ${node}. Made by \`npm run bench:cost\`. The fourth part of the picture is of the first table above.`,
  ].join("\n\n");
}

function fullTable({ machine, format, fileBytes, rounds }: FullSpeed): string {
  const rows = rounds.map(({ plain, one, sixteen }, i) => [
    `${i + 1}`,
    plain === undefined ? "-" : (plain.bytesPerSecond / 1e9).toFixed(2),
    `${one.seconds.toFixed(0)} s (${(one.bytesPerSecond / 1e9).toFixed(2)} GB/s)`,
    plain === undefined ? "-" : (one.bytesPerSecond / plain.bytesPerSecond).toFixed(2),
    `${sixteen.seconds.toFixed(0)} s`,
    (sixteen.seconds / one.seconds).toFixed(2),
  ]);
  const head = ["round", "plain reading, GB/s", "one token", "of plain reading", "prompt of 16", "of one token"];
  const ratio = median(rounds.map(({ one, sixteen }) => sixteen.seconds / one.seconds)).toFixed(2);
  const peak = Math.max(...rounds.flatMap(({ one, sixteen }) => [one.peakBytes ?? 0, sixteen.peakBytes ?? 0]));
  return `${markdown(head, rows)}\n\nAll weights in ${format}, ${(fileBytes / 1e9).toFixed(1)} GB, 3 GiB of memory promised, ${(peak / 1e9).toFixed(2)} GB taken, nothing of the file in the system's\ncache at the start of each; sixteen tokens take ${ratio} times one. ${machine.processor}, ${machine.cores} cores, Node ${machine.node}. Made by \`npm run bench:full -- --format ${format}\`.`;
}

const NOT_MEASURED = "Not measured yet.";

/** The page with the numbers between its markers. */
export function withKernels(
  page: string,
  { peers, accuracies, speculation, cost, single, full, tile }: KernelResults,
): string {
  const parts = {
    peers: peers.map(table).join("\n\n"),
    activations: accuracyTable(accuracies),
    speculation: speculationTable(speculation),
    cost: costTables(cost),
    single: single === undefined ? NOT_MEASURED : kernelsTable(single),
    full: full === undefined ? NOT_MEASURED : fullTable(full),
    tile: tile === undefined ? NOT_MEASURED : tileTable(tile),
  };
  return Object.entries(parts).reduce((text, [name, content]) => {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    return `${text.slice(0, text.indexOf(open) + open.length)}\n${content}\n${text.slice(text.indexOf(close))}`;
  }, page);
}
