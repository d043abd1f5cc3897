/** Weights in their stored form against activations in integers: what the sums are, and that nothing but them counts. */
import { afterAll, describe, expect, it } from "vitest";
import { wasmBackend } from "../../../kernels/wasm/index.ts";
import { HALF } from "../../../src/quant/f16.ts";
import { FORMATS } from "../../../src/quant/index.ts";
import { host, type Stored, stored } from "../../../src/tensor.ts";
import { drawn } from "../../support/small.ts";

const I = 736; // 23 blocks: the 16 that are laid aside at once, four, and three that are left
const TOKENS = [1, 2, 3, 5];
const ROWS = [8, 9, 10, 11, 21];

const started = (relaxed: boolean) =>
  Promise.all([1, 2, 3].map((threads) => wasmBackend({ threads, activations: "int8", relaxed })));
const plain = await started(false);
const relaxed = (await started(true)).filter((ops) => ops.relaxed);
const exact = await wasmBackend({ threads: 1, activations: "f32" });
/** An engine without relaxed SIMD has nothing that could be asked of it: Node 20. */
const KINDS = relaxed.length > 0 ? ["plain", "relaxed"] : ["plain"];
const CASES = ROWS.flatMap((O) => KINDS.map((kind) => [O, kind] as const));
afterAll(() => {
  for (const ops of [...plain, ...relaxed, exact]) ops.close();
});

/** A format as the model below reads it: where a block's scale and minimum are, and the integers of its values. */
interface Layout {
  readonly minimum: number | undefined;
  integer(block: Uint8Array, i: number): number;
}

const nibble = (block: Uint8Array, from: number, i: number) => (block[from + (i % 16)]! >> (i < 16 ? 0 : 4)) & 15;
const LAYOUTS: Readonly<Record<string, Layout>> = {
  Q8_0: { minimum: undefined, integer: (block, i) => (block[2 + i]! << 24) >> 24 },
  Q4_0: { minimum: undefined, integer: (block, i) => nibble(block, 2, i) - 8 },
  Q4_1: { minimum: 2, integer: (block, i) => nibble(block, 4, i) },
};

const halfAt = (block: Uint8Array, at: number) => HALF[block[at]! | (block[at + 1]! << 8)]!;

/** Random blocks whose scales and minimums are numbers of either sign, a few of them subnormal. */
function weights(name: string, rows: number): { bytes: Uint8Array; W: Stored<"O C"> } {
  const format = FORMATS.get(name)!;
  const blocks = (rows * I) / 32;
  const bytes = Uint8Array.from(drawn(blocks * format.bytes, 7 + rows), (value) => Math.floor((value + 1) * 128));
  for (let b = 0; b < blocks; b++) {
    for (const at of [0, LAYOUTS[name]!.minimum ?? 0]) {
      const high = b * format.bytes + at + 1;
      bytes[high] = (bytes[high]! & 0x83) | (b % 7 === 0 ? 0 : 0x28);
    }
  }
  const rowBytes = (I / 32) * format.bytes;
  const W = stored<"O C">({
    shape: [rows, I],
    format: name,
    name: "W",
    widen: (first, count, into) => format.widen(bytes, first * rowBytes, (count * I) / 32, into, 0),
    window: (first, count, use) => use(bytes.subarray(first * rowBytes, (first + count) * rowBytes)),
  });
  return { bytes, W };
}

/** Activations whose blocks differ much in size; one block is zero. */
function tokens(T: number): Float32Array {
  return drawn(T * I, 3).map((value, i) => (i >> 5 === 1 ? 0 : value * 4 ** ((i >> 5) % 4)));
}

const f = Math.fround;

/** Half goes to even, as the kernels' rounding. */
function nearest(value: number): number {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

/** `steps`: into how many steps the largest value is divided. */
function quantised(x: Float32Array, steps: number): { d: number; q: number[] } {
  const most = x.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const inverse = most === 0 ? 0 : f(steps / most);
  return { d: f(most / steps), q: [...x].map((value) => nearest(f(value * inverse))) };
}

/** How a kind of SIMD multiplies. */
interface Product {
  /** Into how many steps the largest activation is divided. */
  readonly steps: number;
  /** The least weight: -128 has no opposite in 8 bits. */
  readonly least: number;
  /** The sum of all blocks, each with its integers' products in order and the product of its scales. */
  sum(blocks: readonly { readonly products: number[]; readonly scale: number }[]): number;
}

/** A block's sum is one whole number; then four lanes of every fourth block, and what is left. */
const PLAIN: Product = {
  steps: 32767,
  least: -128,
  sum: (blocks) => inFours(blocks.map(({ products, scale }) => f(f(sumOf(products)) * scale))),
};

/** A block has four lanes of four neighbours each, which meet at the end. */
const RELAXED: Product = {
  steps: 127,
  least: -127,
  sum: (blocks) => {
    const acc = [0, 0, 0, 0];
    for (const { products, scale } of blocks) {
      const lanes = [0, 0, 0, 0];
      products.forEach((value, i) => (lanes[(i >> 2) & 3]! += value));
      lanes.forEach((lane, l) => (acc[l] = f(acc[l]! + f(f(lane) * scale))));
    }
    return lanes4(acc);
  },
};

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** One output of the kernels, in plain arithmetic. */
function modelled(name: string, row: Uint8Array, x: Float32Array, bias: number, product: Product): number {
  const { minimum, integer } = LAYOUTS[name]!;
  const { bytes } = FORMATS.get(name)!;
  const low: number[] = [];
  const blocks = Array.from({ length: I / 32 }, (_, b) => {
    const block = row.subarray(b * bytes, (b + 1) * bytes);
    const { d, q } = quantised(x.subarray(b * 32, (b + 1) * 32), product.steps);
    if (minimum !== undefined) low.push(f(halfAt(block, minimum) * f(d * sumOf(q))));
    const products = q.map((value, i) => value * Math.max(product.least, integer(block, i)));
    return { products, scale: f(halfAt(block, 0) * d) };
  });
  const y = f(product.sum(blocks) + bias);
  return minimum === undefined ? y : f(y + inFours(low));
}

const lanes4 = (acc: number[]) => f(f(acc[0]! + acc[1]!) + f(acc[2]! + acc[3]!));

/** A sum in four lanes of every fourth value, then the lanes, then what is left. */
function inFours(values: number[]): number {
  const quads = values.length & ~3;
  const acc = [0, 0, 0, 0];
  for (let b = 0; b < quads; b++) acc[b & 3] = f(acc[b & 3]! + values[b]!);
  return values.slice(quads).reduce((sum, value) => f(sum + value), lanes4(acc));
}

describe.each(Object.keys(LAYOUTS))("%s", (name) => {
  const { bytes: blockBytes } = FORMATS.get(name)!;
  const rowBytes = (I / 32) * blockBytes;

  it.each(CASES)(
    "%d rows, %s: integers by blocks, the same bits for any number of tokens and threads",
    async (O, kind) => {
      const [teams, product] = kind === "plain" ? [plain, PLAIN] : [relaxed, RELAXED];
      const { bytes, W } = weights(name, O);
      const bias = host<"O">([O], drawn(O, 5));
      for (const T of TOKENS) {
        const x = tokens(T);
        const expected = Float32Array.from({ length: T * O }, (_, k) => {
          const [t, o] = [Math.floor(k / O), k % O];
          const row = bytes.subarray(o * rowBytes, (o + 1) * rowBytes);
          return modelled(name, row, x.subarray(t * I, (t + 1) * I), bias.data[o]!, product);
        });
        for (const ops of teams) {
          const { data: y } = await ops.download(ops.linear(host<"T C">([T, I], x), W, bias));
          expect(y, `${T} tokens, ${ops.threads} threads`).toEqual(expected);
        }
      }
    },
  );

  it.each([...KINDS, "f32"])("with %s activations it is within its bound of the exact sum", async (kind) => {
    const O = 11;
    const { bytes, W } = weights(name, O);
    const wide = new Float32Array(O * I);
    W.widen(0, O, wide);
    for (const T of TOKENS) {
      const x = tokens(T);
      const ops = kind === "f32" ? exact : kind === "plain" ? plain[0]! : relaxed[0]!;
      const steps = (kind === "relaxed" ? RELAXED : PLAIN).steps;
      const { data: y } = await ops.download(ops.linear(host<"T C">([T, I], x), W));
      for (let t = 0; t < T; t++) {
        for (let o = 0; o < O; o++) {
          const row = bytes.subarray(o * rowBytes, (o + 1) * rowBytes);
          const { sum, norm, rounding } = bounded(
            name,
            wide.subarray(o * I),
            row,
            x.subarray(t * I, (t + 1) * I),
            steps,
          );
          const bound = 4 * 2 ** -24 * norm + (kind === "f32" ? 0 : rounding);
          expect(Math.abs(y[t * O + o]! - sum)).toBeLessThanOrEqual(bound);
        }
      }
    }
  });
});

/** The exact sum; the norm, of scales and minimums apart as they are added; what rounding x by d / 2 may change. */
function bounded(name: string, w: Float32Array, row: Uint8Array, x: Float32Array, steps: number) {
  const { minimum, integer } = LAYOUTS[name]!;
  const { bytes } = FORMATS.get(name)!;
  let [sum, norm, rounding] = [0, 0, 0];
  x.forEach((value, i) => {
    const from = i & ~31;
    const block = row.subarray((from / 32) * bytes, (from / 32 + 1) * bytes);
    const low = minimum === undefined ? 0 : Math.abs(halfAt(block, minimum));
    const { d } = quantised(x.subarray(from, from + 32), steps);
    sum += w[i]! * value;
    norm += (Math.abs(halfAt(block, 0) * integer(block, i & 31)) + low) * Math.abs(value);
    rounding += (Math.abs(w[i]!) * d) / 2;
  });
  return { sum, norm, rounding };
}
