/** A token against weights that are multiplied as they are read: each sum is, to the bit, what plain arithmetic makes of it. */
import { afterAll, describe, expect, it } from "vitest";
import { wasmBackend } from "../../../kernels/wasm/index.ts";
import { HALF } from "../../../src/quant/f16.ts";
import { FORMATS } from "../../../src/quant/index.ts";
import { host, stored } from "../../../src/tensor.ts";
import { drawn } from "../../support/small.ts";

const I = 768; // three blocks of 256
const O = 11;

const teams = await Promise.all([1, 2, 3, 4].map((threads) => wasmBackend({ threads, activations: "int8" })));
afterAll(() => {
  for (const ops of teams) ops.close();
});

const f = Math.fround;
const halfAt = (block: Uint8Array, at: number) => HALF[block[at]! | (block[at + 1]! << 8)]!;
const signed = (byte: number) => (byte << 24) >> 24;

/** A block of a format: the integer of its value i, and the scale and the minimum of its b-th 32. */
interface Layout {
  /** Where its float16 numbers are. */
  readonly halves: readonly number[];
  integer(block: Uint8Array, i: number): number;
  scale(block: Uint8Array, b: number): number;
  minimum?(block: Uint8Array, b: number): number;
}

/** Six bits of eight scales, then of eight minimums, in the twelve bytes from 4 on: ggml's get_scale_min_k4. */
function sixBits(block: Uint8Array, b: number, minimum: boolean): number {
  const s = (i: number) => block[4 + i]!;
  if (b < 4) return s(b + (minimum ? 4 : 0)) & 63;
  return ((s(b + 4) >> (minimum ? 4 : 0)) & 15) | ((s(b - (minimum ? 0 : 4)) >> 6) << 4);
}

/** The four bits of value i where 32 bytes have the low halves of 32 values, then the high ones of the next 32. */
const fourBits = (block: Uint8Array, at: number, i: number) =>
  (block[at + 32 * (i >> 6) + (i & 31)]! >> (4 * ((i >> 5) & 1))) & 15;

const LAYOUTS: Readonly<Record<string, Layout>> = {
  Q4_K: {
    halves: [0, 2],
    integer: (block, i) => fourBits(block, 16, i),
    scale: (block, b) => f(halfAt(block, 0) * sixBits(block, b, false)),
    minimum: (block, b) => -f(halfAt(block, 2) * sixBits(block, b, true)),
  },
  Q6_K: {
    halves: [208],
    integer: (block, i) => {
      const [half, place, quarter] = [i >> 7, i & 31, (i >> 5) & 3];
      const low = (block[64 * half + 32 * (quarter & 1) + place]! >> (4 * (quarter >> 1))) & 15;
      const high = (block[128 + 32 * half + place]! >> (2 * quarter)) & 3;
      return (low + 16 * high - 32) * signed(block[192 + (i >> 4)]!);
    },
    scale: (block) => halfAt(block, 208),
  },
};

/** Random blocks whose float16 numbers are moderate, of either sign, a few of them subnormal. */
function drawnBytes(name: string): Uint8Array {
  const { block, bytes } = FORMATS.get(name)!;
  const all = Uint8Array.from(drawn(((O * I) / block) * bytes, 13), (value) => Math.floor((value + 1) * 128));
  for (let at = 0; at < all.length; at += bytes) {
    for (const half of LAYOUTS[name]!.halves) {
      const high = at + half + 1;
      all[high] = (all[high]! & 0x83) | (at % 7 === 0 ? 0 : 0x28);
    }
  }
  return all;
}

/** Half goes to even, as the kernels' rounding. */
function nearest(value: number): number {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

function quantised(x: Float32Array): { d: number; q: number[] } {
  const most = x.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const inverse = most === 0 ? 0 : f(32767 / most);
  return { d: f(most / 32767), q: [...x].map((value) => nearest(f(value * inverse))) };
}

const lanes4 = (acc: number[]) => f(f(acc[0]! + acc[1]!) + f(acc[2]! + acc[3]!));

/** A block's integers in lanes of two neighbours, exact; times both scales block after block; the lanes, the bias, the minimums. */
function modelled(name: string, row: Uint8Array, x: Float32Array, bias: number): number {
  const { integer, scale, minimum } = LAYOUTS[name]!;
  const { block: values, bytes } = FORMATS.get(name)!;
  const [acc, least] = [
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ];
  for (let b = 0; b < I / 32; b++) {
    const at = Math.floor((32 * b) / values);
    const [block, inside] = [row.subarray(at * bytes, (at + 1) * bytes), (32 * b) % values];
    const { d, q } = quantised(x.subarray(32 * b, 32 * b + 32));
    const lanes = [0, 0, 0, 0];
    q.forEach((value, i) => (lanes[(i >> 1) & 3]! += value * integer(block, inside + i)));
    const by = f(scale(block, inside / 32) * d);
    lanes.forEach((lane, l) => (acc[l] = f(acc[l]! + f(f(lane) * by))));
    if (minimum === undefined) continue;
    const sum = f(d * q.reduce((total, value) => total + value, 0));
    least[b & 3] = f(least[b & 3]! + f(minimum(block, inside / 32) * sum));
  }
  const y = f(lanes4(acc) + bias);
  return minimum === undefined ? y : f(y + lanes4(least));
}

describe.each(Object.keys(LAYOUTS))("%s", (name) => {
  it("one token and several: the sums of plain arithmetic, on any number of threads", async () => {
    const format = FORMATS.get(name)!;
    const bytes = drawnBytes(name);
    const rowBytes = (I / format.block) * format.bytes;
    const W = stored<"O C">({
      shape: [O, I],
      format: name,
      name: "W",
      widen: (first, count, into) => format.widen(bytes, first * rowBytes, (count * I) / format.block, into, 0),
      window: (first, count, use) => use(bytes.subarray(first * rowBytes, (first + count) * rowBytes)),
    });
    const x = drawn(3 * I, 3).map((value, i) => (i >> 5 === 1 ? 0 : value * 4 ** ((i >> 5) % 4)));
    const bias = drawn(O, 5);
    const expected = Float32Array.from({ length: 3 * O }, (_, k) => {
      const [t, o] = [Math.floor(k / O), k % O];
      return modelled(name, bytes.subarray(o * rowBytes), x.subarray(t * I, (t + 1) * I), bias[o]!);
    });
    for (const ops of teams) {
      for (const T of [1, 3]) {
        const { data: y } = await ops.download(
          ops.linear(host<"T C">([T, I], x.slice(0, T * I)), W, host<"O">([O], bias)),
        );
        expect(y, `${T} tokens, ${ops.threads} threads`).toEqual(expected.subarray(0, T * O));
      }
    }
  });
});
