/**
 * What 64-bit addresses cost: `npx tsx kernels/bench/memory64.ts`, on an engine that has them (Node 24). The inner loop of a
 * product of bytes by activations (as assembly/q8_0.ts's, its scale in float32), the same but for the type of its
 * addresses: over weights that stay in the second cache, and over weights that come from memory.
 *
 * AssemblyScript cannot compile for 64-bit memory; so the loop is written in WebAssembly's text, and binaryen, which is in
 * AssemblyScript, assembles it. Its result is kernels/bench/results/memory64.json.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import binaryen from "binaryen";

const BLOCK = 36;
/** Activations lie first, then weights. */
const ACTIVATIONS = 1 << 20;
const PAGE = 65536;

/** The loop over `blocks` blocks at w against activations at q, which begin anew every `row` blocks. */
function source(address: "i32" | "i64", pages: number): string {
  const at = (n: number) => `(${address}.const ${n})`;
  const part = (i: number) => `
    (i32x4.dot_i16x8_s (v128.load8x8_s offset=${4 + 8 * i} (local.get $w)) (v128.load offset=${16 * i} (local.get $x)))`;
  return `(module
  (memory (export "memory") ${address === "i64" ? "i64" : ""} ${pages})
  (func (export "multiply") (param $w ${address}) (param $q ${address}) (param $blocks i32) (param $row i32) (result f32)
    (local $x ${address}) (local $left i32) (local $acc v128)
    (loop $rows
      (local.set $x (local.get $q))
      (local.set $left (local.get $row))
      (loop $blocks
        (local.set $acc (f32x4.add (local.get $acc) (f32x4.mul
          (f32x4.convert_i32x4_s (i32x4.add (i32x4.add ${part(0)} ${part(1)}) (i32x4.add ${part(2)} ${part(3)})))
          (v128.load32_splat (local.get $w)))))
        (local.set $w (${address}.add (local.get $w) ${at(BLOCK)}))
        (local.set $x (${address}.add (local.get $x) ${at(64)}))
        (br_if $blocks (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (br_if $rows (i32.gt_s (local.tee $blocks (i32.sub (local.get $blocks) (local.get $row))) (i32.const 0))))
    (f32.add (f32x4.extract_lane 0 (local.get $acc)) (f32x4.extract_lane 1 (local.get $acc)))))`;
}

type Multiply = (w: number | bigint, q: number | bigint, blocks: number, row: number) => number;

interface Side {
  readonly multiply: (blocks: number) => number;
  readonly rates: { cached: number[]; streamed: number[] };
}

function side(address: "i32" | "i64", bytes: number): Side {
  const module = binaryen.parseText(source(address, Math.ceil((ACTIVATIONS + bytes) / PAGE)));
  module.setFeatures(binaryen.Features.All);
  module.optimize();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(module.emitBinary())), {});
  const { buffer } = exports["memory"] as WebAssembly.Memory;
  new Uint8Array(buffer).fill(1);
  const multiply = exports["multiply"] as Multiply;
  const place = address === "i64" ? BigInt : Number;
  return {
    multiply: (blocks) => multiply(place(ACTIVATIONS), place(0), blocks, ROW),
    rates: { cached: [], streamed: [] },
  };
}

/** Blocks of a row of 5,120 inputs. */
const ROW = 160;
const CACHED = ROW * 40;
const STREAMED = ROW * 80_000; // 461 MB

const rate = (run: () => number, bytes: number, times: number) => {
  const start = process.cpuUsage(); // the processor's time: what else runs here does not count
  for (let i = 0; i < times; i++) run();
  return (bytes * times) / process.cpuUsage(start).user / 1e3;
};
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const sides = { i32: side("i32", STREAMED * BLOCK), i64: side("i64", STREAMED * BLOCK) };
for (let round = 0; round < 25; round++) {
  for (const { multiply, rates } of Object.values(sides)) {
    rates.cached.push(rate(() => multiply(CACHED), CACHED * BLOCK, 400));
    rates.streamed.push(rate(() => multiply(STREAMED), STREAMED * BLOCK, 1));
  }
}
const result = {
  machine: { processor: cpus()[0]?.model, node: process.version, v8: process.versions.v8 },
  gigabytesPerSecond: Object.fromEntries(
    Object.entries(sides).map(([name, { rates }]) => [
      name,
      Object.fromEntries(
        Object.entries(rates).map(([where, all]) => [
          where,
          { median: median(all), least: Math.min(...all), most: Math.max(...all) },
        ]),
      ),
    ]),
  ),
};
writeFileSync(join(import.meta.dirname, "results/memory64.json"), `${JSON.stringify(result, undefined, 2)}\n`);
console.log(JSON.stringify(result, undefined, 2));
