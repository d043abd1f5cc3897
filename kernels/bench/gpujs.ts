/**
 * Times the kernels of gpu.js, rung by rung, and a whole layer of QwQ-32B, in every mode of Node; writes
 * kernels/bench/results/gpujs.json, and the tables of docs/gpu.md from it:
 *
 *   npm run bench:gpujs [-- MODE [rungs|layer]]     all, or one part in the place of an older one; MODE may be wgsl
 *
 * Each part is a process of its own. Where there is no GPU, webgpu is the program that Chromium brings in its place.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { withSoftwareAdapter } from "../../test/support/vulkan.ts";
import { openDevice } from "../gpujs/adapter.ts";
import { gpujsBackend } from "../gpujs/index.ts";
import { wgslBackend } from "../wgsl/index.ts";
import type { Argument, Device, Kernel, Mode } from "../gpujs/device.ts";
import { addBias, linearColumns, linearFused, linearPacked, linearRows } from "../gpujs/linear.ts";
import { rmsNorm, rmsNormPlain, squares } from "../gpujs/norm.ts";
import { cut, packedCut } from "../gpujs/pack.ts";
import { layerTime } from "./gpujs-layer.ts";
import { type GpuJsResult, type Measured, type Rung, writeGpuJsTables } from "./gpujs-tables.ts";

const FILE = join(import.meta.dirname, "results/gpujs.json");
const MODES: readonly Mode[] = ["webgpu", "webasm", "cpu"];
const PARTS = ["rungs", "layer"] as const;
type Part = (typeof PARTS)[number];
const ROUNDS = 5;
/** Of the layer, after the one that brings the weights. */
const LAYER_ROUNDS = 3;
/** The matrix of the rungs: 4.2 million weights. */
const SIDE = 2048;
const CHANNELS = 5120;

function drawn(length: number, make: (i: number) => number): Float32Array {
  return Float32Array.from({ length }, (_, i) => make(i));
}

/** The rungs as lists of kernels that run one after the other, with what they are given. */
function rungs(device: Device): readonly (readonly [string, () => Promise<void>])[] {
  const upload = (data: Float32Array) => device.upload("bench", data.length, (into) => into.set(data));
  const x = upload(drawn(SIDE, (i) => Math.sin(i)));
  const floats = { handle: upload(drawn(SIDE * SIDE, (i) => Math.sin(i))), width: SIDE };
  const of = packedCut(SIDE, 128);
  const words = { handle: upload(drawn(of.groups * of.words * SIDE, (i) => (i * 2_654_435) % 2 ** 24)), width: SIDE };
  const scales = { handle: upload(drawn(of.groups * SIDE, () => 0.01)), width: SIDE };
  const bias = upload(drawn(SIDE, (i) => i));
  const [n, gain] = [upload(drawn(CHANNELS, (i) => Math.cos(i))), upload(drawn(CHANNELS, () => 1))];
  const norm = { channels: CHANNELS, eps: 1e-5 };
  const one = async (kernel: Kernel, ...given: Argument[]) => device.run(kernel, ...given);
  const line = (text: Kernel["text"], constants: object, output = [SIDE]): Kernel => ({
    text,
    output,
    constants: { ...constants },
  });
  const done = async (result: Promise<Awaited<ReturnType<typeof one>>>) => {
    const handle = await result;
    await device.read(handle);
    device.free(handle);
  };
  const withBias = async (y: ReturnType<typeof one>) => {
    const before = await y;
    const after = await one(line(addBias, { outputs: SIDE }), before, bias);
    device.free(before);
    return after;
  };
  const shared = async () => {
    const parts = { channels: CHANNELS, parts: 64 };
    const partial = await one(line(squares, { ...parts, rounds: Math.ceil(CHANNELS / 64) }, [64]), n);
    const y = await one(line(rmsNorm, { ...norm, parts: 64 }, [CHANNELS]), n, partial, gain);
    device.free(partial);
    return y;
  };
  return [
    ["linear 1 linearRows", () => done(withBias(one(line(linearRows, cut(SIDE)), floats, x)))],
    ["linear 2 linearColumns", () => done(withBias(one(line(linearColumns, cut(SIDE)), floats, x)))],
    ["linear 3 linearPacked", () => done(withBias(one(line(linearPacked, of), words, scales, x)))],
    ["linear 4 linearFused", () => done(one(line(linearFused, of), words, scales, x, bias))],
    ["rmsNorm 1 rmsNormPlain", () => done(one(line(rmsNormPlain, norm, [CHANNELS]), n, gain))],
    ["rmsNorm 2 squares, rmsNorm", () => done(shared())],
  ];
}

async function timed(runs: readonly (readonly [string, () => Promise<void>])[]): Promise<Rung[]> {
  const times = runs.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, [, run]] of runs.entries()) {
      const began = performance.now();
      await run();
      if (round > 0) times[i]!.push(performance.now() - began); // the first builds the kernel
    }
  }
  return runs.map(([name], i) => {
    const sorted = times[i]!.sort((a, b) => a - b);
    return { name, milliseconds: sorted[ROUNDS >> 1]!, least: sorted[0]!, most: sorted.at(-1)! };
  });
}

/** One part of what is measured of a mode, in this process. */
async function measure(mode: Mode | "wgsl", part: Part): Promise<Partial<Measured>> {
  if (mode === "wgsl") return { layer: await layerTime(await wgslBackend(), LAYER_ROUNDS) };
  if (part === "layer") return { layer: await layerTime(await gpujsBackend({ mode }), LAYER_ROUNDS) };
  const device = await openDevice(mode, cpus().length);
  const times = await timed(rungs(device));
  device.close();
  return { report: device.report, threads: device.threads, rungs: times };
}

/** The same in a process of its own, which finds an adapter. */
function measured(mode: Mode | "wgsl", part: Part): Partial<Measured> {
  const env = withSoftwareAdapter(process.env);
  const began = performance.now();
  const given = ["tsx", import.meta.filename, "--measure", mode, part];
  const { stdout, stderr, status } = spawnSync("npx", given, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${mode}: ${stderr}`);
  console.error(`${mode} ${part}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
  return JSON.parse(stdout) as Partial<Measured>;
}

function main([mode, part]: readonly string[]): void {
  const before = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as GpuJsResult) : undefined;
  const modes = MODES.map((each): Measured => {
    const known = before?.modes.find(({ report }) => report.mode === each);
    if (mode !== undefined && each !== mode) return known!;
    const parts = PARTS.filter((one) => part === undefined || one === part);
    return Object.assign({}, known, ...parts.map((one) => measured(each, one))) as Measured;
  });
  const other = mode === undefined || mode === "wgsl";
  const wgsl = other ? measured("wgsl", "layer").layer : before?.wgsl;
  const machine = { processor: cpus()[0]!.model, cores: cpus().length, node: process.version };
  const result: GpuJsResult = { machine, rounds: ROUNDS, side: SIDE, channels: CHANNELS, modes, wgsl };
  writeFileSync(FILE, `${JSON.stringify(result, undefined, 2)}\n`);
  writeGpuJsTables();
}

const [, , first, ...rest] = process.argv;
if (first === "--measure") console.log(JSON.stringify(await measure(rest[0] as Mode | "wgsl", rest[1] as Part)));
else main(process.argv.slice(2));
