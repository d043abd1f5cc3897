/**
 * Draws what was measured over time: `npx tsx kernels/bench/pictures.ts` writes docs/streaming.svg from
 * kernels/bench/results/full-32b-memory.json, which test/32b writes. A test checks that the picture says what it says.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

const root = join(import.meta.dirname, "../..");

/** Columns of one process over time: seconds, and megabytes (10^6). */
export interface Columns {
  readonly seconds: readonly number[];
  readonly anonymous: readonly number[];
  readonly file: readonly number[];
  readonly peak: readonly number[];
  readonly read: readonly number[];
}

/** The promise of the run that was watched: 3 GiB. */
const PROMISE = 3 * 2 ** 30;
const WIDTH = 640;

/** Memory of a run over time, and what it read from the disk, as SVG. */
export async function streamingPicture(run: Columns): Promise<string> {
  const GB = (megabytes: number | undefined) => (megabytes ?? 0) / 1000;
  const memory = run.seconds.flatMap((seconds, i) => [
    { seconds, part: "own memory", gigabytes: GB(run.anonymous[i]) },
    { seconds, part: "mapped files", gigabytes: GB(run.file[i]) },
  ]);
  const read = run.seconds.map((seconds, i) => ({ seconds, gigabytes: GB(run.read[i]) }));
  const x = { field: "seconds", type: "quantitative", title: "seconds", axis: { grid: false } } as const;
  const spec: TopLevelSpec = {
    background: "white",
    config: {
      font: "sans-serif",
      axis: { labelFontSize: 12, titleFontSize: 12 },
      legend: { labelFontSize: 12, orient: "bottom" },
    },
    vconcat: [
      {
        width: WIDTH,
        height: 200,
        layer: [
          {
            data: { values: memory },
            mark: "area",
            encoding: {
              x: { ...x, title: null },
              y: { field: "gigabytes", type: "quantitative", title: "GB in memory", scale: { domain: [0, 3.5] } },
              color: {
                field: "part",
                type: "nominal",
                title: null,
                scale: { domain: ["own memory", "mapped files"], range: ["#4c78a8", "#f58518"] },
              },
            },
          },
          {
            data: { values: [{ gigabytes: PROMISE / 1e9 }] },
            mark: { type: "rule", strokeDash: [6, 4], color: "#b00" },
            encoding: { y: { field: "gigabytes", type: "quantitative" } },
          },
          {
            data: { values: [{ gigabytes: PROMISE / 1e9, seconds: run.seconds.at(-1) ?? 0, text: "--memory 3GiB" }] },
            mark: { type: "text", align: "right", baseline: "bottom", dy: -3, color: "#b00", fontSize: 12 },
            encoding: {
              x,
              y: { field: "gigabytes", type: "quantitative" },
              text: { field: "text", type: "nominal" },
            },
          },
        ],
      },
      {
        width: WIDTH,
        height: 120,
        data: { values: read },
        mark: { type: "line", color: "#54a24b" },
        encoding: { x, y: { field: "gigabytes", type: "quantitative", title: "GB read from disk" } },
      },
    ],
  };
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  return `${await view.toSVG()}\n`;
}

/** What test/32b saw. */
export function readMemory(): { readonly run: Columns } {
  return JSON.parse(readFileSync(join(root, "kernels/bench/results/full-32b-memory.json"), "utf8")) as { run: Columns };
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(root, "docs/streaming.svg"), await streamingPicture(readMemory().run));
}
