/**
 * linear on a GPU, the same weights in one run: the kernel that gpu.js makes of TypeScript, WGSL by hand on the same bytes,
 * WGSL on four bytes a word, and WebAssembly on the processor. What does gpu.js cost?
 *
 *   npm run bench:gpu [-- SHAPE]        on this machine's GPU, or on Chromium's program that plays one
 *
 * Sides take turns; each time is that of a product, its result read at the end, the best of the rounds.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { withSoftwareAdapter } from "../../test/support/vulkan.ts";
import { host, type Stored, stored, type Tensor } from "../../src/tensor.ts";
import { openDevice } from "../gpujs/adapter.ts";
import { linearPacked } from "../gpujs/linear.ts";
import { packedCut, packInt8 } from "../gpujs/pack.ts";
import { wasmBackend } from "../wasm/index.ts";
import { Device } from "../wgsl/device.ts";
import { Linear } from "../wgsl/linear.ts";

/** K inputs, O outputs: a layer of 0.5B, and of QwQ-32B. */
export const SHAPES = ["896x4864", "5120x5120", "5120x27648"] as const;
const TOKENS = [1, 16] as const;
const RESULTS = join(import.meta.dirname, "results/gpu-linear.json");

export interface Row {
  readonly shape: string;
  readonly tokens: number;
  readonly side: string;
  readonly milliseconds: number;
  /** The largest difference from float64, of the largest output. */
  readonly error: number;
}

export interface GpuLinear {
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string };
  readonly adapter: string;
  readonly software: boolean;
  readonly rows: readonly Row[];
}

/** A side: makes the product so many times, and reads the last. */
type Side = (times: number) => Promise<Float32Array>;

function draws(length: number, seed: number): Float32Array {
  let state = seed;
  const values = new Float32Array(length); // Float32Array.from would make a list of them first
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    values[i] = state / 2 ** 31 - 1;
  }
  return values;
}

/** Integers with a scale: Q8_0's blocks, all of a row's scales alike, so that each side has the same weights. */
function weights(K: number, O: number): { q: Int8Array; scale: number; W: Stored<string> } {
  const q = new Int8Array(K * O);
  draws(K * O, 7).forEach((value, i) => (q[i] = Math.round(value * 127)));
  const scale = 2 ** -7;
  const half = 0x2000; // 2^-7 as float16
  const rowBytes = (K / 32) * 34;
  const W = stored<string>({
    shape: [O, K],
    format: "Q8_0",
    name: "W",
    widen: (first, rows, into) =>
      into.set(Float32Array.from(q.subarray(first * K, (first + rows) * K), (x) => x * scale)),
    window(first, rows, use) {
      const bytes = new Uint8Array(rows * rowBytes);
      for (let block = 0; block < (rows * K) / 32; block++) {
        bytes[block * 34] = half & 255;
        bytes[block * 34 + 1] = half >> 8;
        const from = first * K + block * 32;
        bytes.set(new Uint8Array(q.buffer, from, 32), block * 34 + 2);
      }
      return use(bytes);
    },
  });
  return { q, scale, W };
}

async function measure(K: number, O: number): Promise<GpuLinear> {
  const { q, scale, W } = weights(K, O);
  const gpujs = await openDevice("webgpu", 1);
  const device = await Device.open("bench");
  const wasm = await wasmBackend({});
  const cut = packedCut(K, K);
  const bytes = new Uint8Array(K * O);
  for (let i = 0; i < K * O; i++) bytes[i] = q[i]! + 128;
  const fill = (into: Float32Array) => packInt8(bytes, cut, 0, O, O, into);
  const words = gpujs.upload("W", cut.words * O, fill);
  const scales = gpujs.upload("scales", O, (into) => into.fill(scale));
  const [columns, rowScales] = [device.constant(4 * cut.words * O), device.constant(4 * O)];
  const packed = new Float32Array(cut.words * O);
  fill(packed);
  device.write(columns, 0, packed);
  device.write(rowScales, 0, new Float32Array(O).fill(scale));
  const three = { first: 0, rows: O, words: columns, scales: rowScales };
  const matrix = { kind: "i8x3", group: K, order: "columns", parts: [three] } as const;
  const [floats, integers] = [new Linear(device, "f32"), new Linear(device, "int8")];
  const four = floats.matrix(W);
  const rows: Row[] = [];
  for (const T of TOKENS) {
    const x = draws(T * K, 11);
    const input = host<"T I">([T, K], x);
    const there = device.upload([T, K], x);
    const gpuInput = gpujs.upload("x", T * K, (into) => into.set(x));
    const onDevice = (linear: Linear, of: typeof matrix | typeof four): Side => {
      return async (times) => {
        let y = device.scope(() => linear.multiply(there, of, [O, K]));
        for (let i = 1; i < times; i++) {
          device.free(y);
          y = device.scope(() => linear.multiply(there, of, [O, K]));
        }
        const values = await device.read(y, T * O);
        device.free(y);
        return values;
      };
    };
    const sides: Readonly<Record<string, Side>> = {
      "gpu.js, 3 bytes a float": async (times) => {
        const kernel = { text: linearPacked, output: T === 1 ? [O] : [O, T], constants: { ...cut } };
        let y = await gpujs.run(kernel, { handle: words, width: O }, { handle: scales, width: O }, gpuInput);
        for (let i = 1; i < times; i++) {
          gpujs.free(y);
          y = await gpujs.run(kernel, { handle: words, width: O }, { handle: scales, width: O }, gpuInput);
        }
        const values = await gpujs.read(y);
        gpujs.free(y);
        return values;
      },
      "WGSL, 3 bytes a float": onDevice(floats, matrix),
      "WGSL, 4 bytes a word": onDevice(floats, four),
      "WGSL, dot4I8Packed": onDevice(integers, four),
      [`wasm, ${wasm.threads} threads`]: async (times) => {
        let y = await wasm.download(wasm.linear(input, W as unknown as Tensor<"O I">));
        for (let i = 1; i < times; i++) y = await wasm.download(wasm.linear(input, W as unknown as Tensor<"O I">));
        return y.data;
      },
    };
    rows.push(...(await race(`${K}x${O}`, T, sides, exactly(q, scale, x, K, O, T))));
  }
  const { adapter, software } = device.report;
  for (const each of [gpujs, device, wasm]) each.close();
  const machine = { processor: cpus()[0]!.model.trim(), cores: cpus().length, node: process.version };
  return { machine, adapter, software, rows };
}

/** Some outputs in float64: every 61st. */
function exactly(q: Int8Array, scale: number, x: Float32Array, K: number, O: number, T: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let at = 0; at < T * O; at += 61) {
    const [t, o] = [Math.floor(at / O), at % O];
    let sum = 0;
    for (let k = 0; k < K; k++) sum += q[o * K + k]! * scale * x[t * K + k]!;
    found.set(at, sum);
  }
  return found;
}

async function race(shape: string, tokens: number, sides: Readonly<Record<string, Side>>, exact: Map<number, number>) {
  const best = new Map<string, { milliseconds: number; error: number; times: number }>();
  const largest = Math.max(...[...exact.values()].map(Math.abs));
  for (const [side, run] of Object.entries(sides)) {
    const began = performance.now();
    const y = await run(1); // compiles, and brings what is not there yet
    const once = performance.now() - began;
    const error = Math.max(...[...exact].map(([at, value]) => Math.abs(y[at]! - value))) / largest;
    best.set(side, { milliseconds: Infinity, error, times: Math.max(1, Math.min(50, Math.round(400 / once))) });
  }
  const long = performance.now();
  for (let round = 0; round < 3 && (round === 0 || performance.now() - long < 20_000); round++) {
    for (const [side, run] of Object.entries(sides)) {
      const so = best.get(side)!;
      const began = performance.now();
      await run(so.times);
      so.milliseconds = Math.min(so.milliseconds, (performance.now() - began) / so.times);
    }
  }
  return [...best].map(([side, { milliseconds, error }]): Row => {
    const row = {
      shape,
      tokens,
      side,
      milliseconds: Number(milliseconds.toPrecision(3)),
      error: Number(error.toExponential(1)),
    };
    console.log(`${shape} T=${tokens} ${side}: ${row.milliseconds} ms, error ${row.error}`);
    return row;
  });
}

/** Runs in a process that finds an adapter, and writes the rows of a shape in the place of older ones. */
async function main(): Promise<void> {
  const env = withSoftwareAdapter(process.env);
  const shapes = process.argv.length > 2 ? process.argv.slice(2) : SHAPES;
  if (env !== process.env || shapes.length > 1) {
    for (const shape of shapes) {
      const args = [...process.execArgv, join(import.meta.dirname, "gpu.ts"), shape];
      const { status } = spawnSync(process.execPath, args, { env: env as NodeJS.ProcessEnv, stdio: "inherit" });
      if (status !== 0) process.exit(status ?? 1);
    }
    return;
  }
  const [K = 0, O = 0] = shapes[0]!.split("x").map(Number);
  const measured = await measure(K, O);
  const before = existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, "utf8")) as GpuLinear) : undefined;
  const others = before?.rows.filter(({ shape }) => shape !== shapes[0]) ?? [];
  const rows = [...others, ...measured.rows].sort(
    (a, b) => SHAPES.findIndex((shape) => shape === a.shape) - SHAPES.findIndex((shape) => shape === b.shape),
  );
  writeFileSync(RESULTS, `${JSON.stringify({ ...measured, rows }, undefined, 2)}\n`);
  process.exit(0);
}

if (process.argv[1] === import.meta.filename) await main();
