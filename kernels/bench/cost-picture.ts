/**
 * Draws docs/cost.svg from kernels/bench/results/cost.json and peers.json: `npx tsx kernels/bench/cost-picture.ts`. A test
 * checks that the picture is what they say.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { median, NAMES, type Peers, SHARED } from "./peers/table.ts";

const root = join(import.meta.dirname, "../..");

/** Of several measurements. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** What cost.ts measured, on the 0.5B shape in Q8_0. */
export interface Cost {
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string };
  readonly contexts: readonly { readonly context: number; readonly milliseconds: Spread }[];
  readonly prompts: readonly { readonly tokens: number; readonly tokensPerSecond: Spread }[];
  readonly threads: readonly { readonly threads: number; readonly read: Spread; readonly written: Spread }[];
}

const SIZE = { width: 300, height: 180 } as const;

/** A line with its points, and from the smallest to the largest a bar; the second axis from 0. */
function line(values: readonly (Spread & { x: number })[], x: string, y: string, log: boolean): object {
  const across = { field: "x", type: "quantitative", title: x, axis: { grid: false } };
  const scaled = log ? { ...across, scale: { type: "log", base: 4 } } : across;
  const up = { type: "quantitative", title: y, scale: { zero: true } };
  return {
    ...SIZE,
    data: { values },
    layer: [
      {
        mark: { type: "rule", color: "#9db7d5", strokeWidth: 3 },
        encoding: { x: scaled, y: { ...up, field: "least" }, y2: { field: "most" } },
      },
      {
        mark: { type: "line", point: true, color: "#2f5f94" },
        encoding: { x: scaled, y: { ...up, field: "median" } },
      },
    ],
  };
}

/** A label in one line for each of its parts. */
const LINES = "split(datum.label, ', ')";

/** Bars side by side. */
function bars(values: readonly { group: string; kind: string; value: number }[], y: string): object {
  return {
    ...SIZE,
    data: { values },
    mark: "bar",
    encoding: {
      x: { field: "group", type: "nominal", title: null, sort: null, axis: { labelAngle: 0, labelExpr: LINES } },
      xOffset: { field: "kind", sort: null },
      y: { field: "value", type: "quantitative", title: y },
      color: { field: "kind", type: "nominal", title: null, sort: null, legend: { orient: "bottom" } },
    },
  };
}

/** Whose bars stand side by side. */
const SIDES = ["ours", "llama.cpp"];
const shared = (model: string) => (SHARED as readonly string[]).includes(model);

/** Cost against context, prompt length, threads, and size and number format beside llama.cpp, as SVG. */
export async function costPicture(cost: Cost, { rounds }: Peers): Promise<string> {
  const byThreads = cost.threads.flatMap(({ threads, read, written }) => [
    { group: `${threads} thread${threads > 1 ? "s" : ""}`, kind: "reading", value: read.median },
    { group: `${threads} thread${threads > 1 ? "s" : ""}`, kind: "writing", value: written.median },
  ]);
  const beside = Object.keys(rounds[0]!.runs)
    .map((id) => ({ id, parts: id.split("/") }))
    .filter(({ parts: [engine, model, threads] }) => SIDES.includes(engine!) && shared(model!) && threads === "2")
    .map(({ id, parts: [engine, model] }) => {
      const value = median(rounds.map(({ runs }) => runs[id]!.decode));
      return { group: NAMES[model!]!, kind: engine!, value };
    });
  const spec = {
    background: "white",
    config: { font: "sans-serif", axis: { labelFontSize: 11, titleFontSize: 11 } },
    resolve: { scale: { color: "independent", xOffset: "independent" } },
    columns: 2,
    concat: [
      line(
        cost.contexts.map(({ context, milliseconds }) => ({ x: context, ...milliseconds })),
        "tokens before it",
        "ms to write a token",
        false,
      ),
      line(
        cost.prompts.map(({ tokens, tokensPerSecond }) => ({ x: tokens, ...tokensPerSecond })),
        "tokens of the prompt",
        "tokens read a second",
        true,
      ),
      bars(byThreads, "tokens a second"),
      bars(beside, "tokens written a second"),
    ],
  };
  const view = new View(parse(compile(spec as unknown as TopLevelSpec).spec), { renderer: "none" });
  return `${await view.toSVG()}\n`;
}

/** The committed results. */
export function readCost(): readonly [Cost, Peers] {
  const result = (name: string): unknown =>
    JSON.parse(readFileSync(join(root, "kernels/bench/results", name), "utf8")) as unknown;
  return [result("cost.json") as Cost, result("peers.json") as Peers];
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(root, "docs/cost.svg"), await costPicture(...readCost()));
}
