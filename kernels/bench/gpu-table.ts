/** What gpu.js costs beside WGSL by hand, for docs/gpu.md, from the committed result of gpu.ts: `npx tsx kernels/bench/gpu-table.ts`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GpuLinear } from "./gpu.ts";

const root = join(import.meta.dirname, "../..");
export const GPU: string = join(root, "docs/gpu.md");

export function readGpuLinear(): GpuLinear {
  return JSON.parse(readFileSync(join(root, "kernels/bench/results/gpu-linear.json"), "utf8")) as GpuLinear;
}

/** The page with the table between its markers. */
export function withGpuLinear(page: string, measured: GpuLinear): string {
  const [open, close] = ["<!-- wgsl -->", "<!-- /wgsl -->"];
  const before = page.slice(0, page.indexOf(open) + open.length);
  return `${before}\n${tableOf(measured)}\n${page.slice(page.indexOf(close))}`;
}

function tableOf({ machine, adapter, software, rows }: GpuLinear): string {
  const lines = rows.map(({ shape, tokens, side, milliseconds, error }) => {
    const first = rows.find((row) => row.shape === shape && row.tokens === tokens)!;
    const times = (first.milliseconds / milliseconds).toPrecision(2);
    return `| ${shape} | ${tokens} | ${side} | ${milliseconds} | ${Number(times)} | ${error.toExponential(1)} |`;
  });
  const { processor, cores, node } = machine;
  return [
    "| weights, K x O | tokens | side | ms | times as fast as gpu.js | error of the largest output |",
    "| --- | --- | --- | --- | --- | --- |",
    ...lines,
    "",
    `Made by \`npm run bench:gpu\` (kernels/bench/results/gpu-linear.json): ${adapter}${software ? ", a program that plays a GPU," : ""}` +
      ` on ${processor}, ${cores} cores, Node ${node}.`,
  ].join("\n");
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(GPU, withGpuLinear(readFileSync(GPU, "utf8"), readGpuLinear()));
}
