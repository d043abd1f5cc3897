/**
 * What gpujs.ts measures, and the tables of docs/gpu.md from the committed results: `npx tsx kernels/bench/gpujs-tables.ts`
 * writes them.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../gpujs/device.ts";
import type { LayerTime } from "./gpujs-layer.ts";

const root = join(import.meta.dirname, "../..");
export const GPU_PAGE: string = join(root, "docs/gpu.md");

/** One rung: the time of its kernels for one token, median, least and most of the rounds. */
export interface Rung {
  readonly name: string;
  readonly milliseconds: number;
  readonly least: number;
  readonly most: number;
}

export interface Measured {
  readonly report: Report;
  readonly threads: number;
  readonly rungs: readonly Rung[];
  readonly layer: LayerTime;
}

export interface GpuJsResult {
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string };
  readonly rounds: number;
  readonly side: number;
  readonly channels: number;
  readonly modes: readonly Measured[];
  /** The layer on WGSL by hand; older results lack it. */
  readonly wgsl?: LayerTime | undefined;
}

export function readGpuJs(): GpuJsResult {
  return JSON.parse(readFileSync(join(root, "kernels/bench/results/gpujs.json"), "utf8")) as GpuJsResult;
}

/** The page with the numbers between its markers. */
export function withGpuJs(page: string, { machine, rounds, side, channels, modes, wgsl }: GpuJsResult): string {
  const shown = (median: number, least: number, most: number) =>
    `${median.toPrecision(3)} (${least.toPrecision(3)} to ${most.toPrecision(3)})`;
  const names = modes.map(({ report, threads }) => {
    const where = report.adapter === undefined ? "" : `, ${report.adapter}${report.software ? " (a program)" : ""}`;
    return `${report.mode}${where}${threads > 1 ? `, ${threads} threads` : ""}`;
  });
  const rungs = modes[0]!.rungs.map(({ name }, i) => [
    name,
    ...modes.map(({ rungs }) => shown(rungs[i]!.milliseconds, rungs[i]!.least, rungs[i]!.most)),
  ]);
  const timeOf = ({ milliseconds, least, most, forbidden }: LayerTime) =>
    milliseconds === undefined ? (forbidden ?? "") : shown(milliseconds, least!, most!);
  const rows = [
    ["ms for one token", ...names],
    ["---", ...names.map(() => "---")],
    ...rungs,
    ["a layer of QwQ-32B", ...modes.map(({ layer }) => timeOf(layer))],
    ...(wgsl === undefined ? [] : [["the same, WGSL by hand", timeOf(wgsl), ...modes.slice(1).map(() => "")]]),
  ];
  const { processor, cores, node } = machine;
  const table = rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const text =
    `${table}\n\nMedians (least to most) of ${rounds} interleaved rounds, of 3 for the layer; linear ${side} by ${side} with a bias,\n` +
    `rmsNorm of ${channels} channels, with reading the result back. ${processor}, ${cores} cores, Node ${node}. Made by\n\`npm run bench:gpujs\`.`;
  const [open, close] = ["<!-- gpujs -->", "<!-- /gpujs -->"];
  return `${page.slice(0, page.indexOf(open) + open.length)}\n${text}\n${page.slice(page.indexOf(close))}`;
}

export function writeGpuJsTables(): void {
  writeFileSync(GPU_PAGE, withGpuJs(readFileSync(GPU_PAGE, "utf8"), readGpuJs()));
}

if (process.argv[1] === import.meta.filename) writeGpuJsTables();
