/** The site's contents: what stands where in its navigation. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { notebooks } from "./notebooks.ts";
import { pageOf, pages, root } from "./places.ts";

export interface Entry {
  readonly text: string;
  readonly link?: string;
  readonly items?: readonly Entry[];
}

/** Documents by chapter, in the order in which they are read. */
const CHAPTERS: readonly (readonly [string, readonly string[]])[] = [
  ["Begin", ["README.md", "docs/reading-order.md", "docs/axes.md", "docs/course.md", "docs/comparison.md"]],
  [
    "The equations",
    ["embed", "rms-norm", "linear", "rope", "attention", "cache", "swiglu", "add", "cross-entropy"].map(
      (name) => `docs/ops/${name}.md`,
    ),
  ],
  ["Numbers", ["docs/numerics.md", "docs/quantisation.md", "docs/log.md"]],
  ["When it goes wrong", ["docs/divergence.md", "docs/oracle.md", "docs/oracle-ci.md"]],
  ["Thinking", ["docs/training.md", "docs/budget.md", "docs/repetition.md", "docs/language-mixing.md"]],
  ["Judged", ["docs/scores.md", "docs/eval.md", "docs/agent.md"]],
  [
    "Running it",
    ["docs/serve.md", "docs/kernels.md", "docs/gpu.md", "docs/memory.md", "docs/streaming.md", "docs/full-32b.md"],
  ],
];

/** The first heading of a document. */
export function titleOf(path: string): string {
  const text = readFileSync(join(root, path), "utf8");
  return /^# +(.*)$/m.exec(text)?.[1]?.replace(/[`*]/g, "") ?? path;
}

/** Beside the documents: what the site is built by, and the learner's own files, which are shown as sources. */
const NOT_READ = /^docs\/(site|reference|course\/start)\//;

/** Every document under docs, and the READMEs that are read. */
export function documents(): string[] {
  const found = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .map((name) => `docs/${name}`)
    .filter((path) => path.endsWith(".md") && !NOT_READ.test(path));
  return ["README.md", "README.zh.md", "notebooks/README.md", ...found].filter((path) => existsSync(join(root, path)));
}

/** Pages that are not read but used. */
const LIVE: readonly Entry[] = [{ text: "The page, alive", link: "/live" }];

const entry = (path: string, text = titleOf(path)): Entry => ({ text, link: `/${pageOf(path)!}` });

/** The first heading of a notebook, which is JSON. */
function notebookEntry(path: string): Entry {
  const { cells } = JSON.parse(readFileSync(join(root, path), "utf8")) as { cells: { source: string | string[] }[] };
  const source = cells[0]?.source ?? "";
  const first = Array.isArray(source) ? source.join("") : source;
  return entry(path, /^# +(.*)$/m.exec(first)?.[1] ?? path);
}

/** The navigation of every page; the reference has its names below the same one. */
export function sidebar(): Record<string, readonly Entry[]> {
  const all = documents();
  const listed = new Set(CHAPTERS.flatMap(([, paths]) => paths));
  const own = /^(docs\/(index|live|zh\/.*)|README.*|notebooks\/README)\.md$/;
  const chapters = CHAPTERS.map(([text, paths]) => ({
    text,
    items: paths.filter((path) => all.includes(path)).map((path) => entry(path)),
  }));
  const divergence = all.filter((path) => path.startsWith("docs/divergence/")).map((path) => entry(path));
  const wrong = chapters.find(({ text }) => text === "When it goes wrong")!;
  wrong.items.push(...divergence);
  const rest = all.filter((path) => !listed.has(path) && !own.test(path) && !path.startsWith("docs/divergence/"));
  const taught = [entry("notebooks/README.md", "All of them"), ...notebooks().map(notebookEntry)];
  const main = [
    { ...chapters[0]!, items: [...chapters[0]!.items, ...LIVE] },
    { text: "Notebooks", items: taught },
    ...chapters.slice(1),
    { text: "More", items: rest.map((path) => entry(path)) },
  ].filter(({ items }) => items.length > 0);
  const api = { text: "API reference", link: "/reference/" };
  return { "/reference/": [{ ...api, items: names() }, ...main], "/": [...main, api] };
}

function names(): readonly Entry[] {
  const file = join(pages, "reference/typedoc-sidebar.json");
  return existsSync(file) ? open(JSON.parse(readFileSync(file, "utf8")) as Entry[]) : [];
}

/** Nothing folded: the theme's folding button holds another one, which a screen reader cannot tell apart. */
function open(entries: readonly Entry[]): Entry[] {
  return entries.map(({ text, link, items }) => ({
    text,
    ...(link === undefined ? {} : { link }),
    ...(items === undefined ? {} : { items: open(items) }),
  }));
}
