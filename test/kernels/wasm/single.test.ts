/** A token against weights that are multiplied as they are read: each sum is, to the bit, what plain arithmetic makes of it. */
import { afterAll, describe, expect, it } from "vitest";
import { wasmBackend } from "../../../kernels/wasm/index.ts";
import { HALF } from "../../../src/quant/f16.ts";
import { FORMATS } from "../../../src/quant/index.ts";
import { host, stored } from "../../../src/tensor.ts";
import { drawn } from "../../support/small.ts";

const O = 11;
/** Inputs: three blocks of 256, or 23 of 32, of which three are no four. */
const inputs = (name: string) => (FORMATS.get(name)!.block === 256 ? 768 : 736);

const teams = await Promise.all([1, 2, 3, 4].map((threads) => wasmBackend({ threads, activations: "int8" })));
afterAll(() => {
  for (const ops of teams) ops.close();
});

const f = Math.fround;
const halfAt = (block: Uint8Array, at: number) => HALF[block[at]! | (block[at + 1]! << 8)]!;
const signed = (byte: number) => (byte << 24) >> 24;

/** A block of a format: the integer of its value i, and the scale of its b-th 32 and the minimums, one or one for each 16. */
interface Layout {
  /** Where its float16 numbers are. */
  readonly halves: readonly number[];
  integer(block: Uint8Array, i: number): number;
  scale(block: Uint8Array, b: number): number;
  minimums?(block: Uint8Array, b: number): number[];
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

/** The four bits of value i where 16 bytes have the low halves of 16 values, then the high ones of the next 16. */
const nibble = (block: Uint8Array, at: number, i: number) => (block[at + (i & 15)]! >> (4 * ((i >> 4) & 1))) & 15;

const bit = (block: Uint8Array, at: number, i: number) => (block[at + (i >> 3)]! >> (i & 7)) & 1;

/** The two bits of value i where 32 bytes have those of four times 32 values. */
const twoBits = (block: Uint8Array, at: number, i: number) =>
  (block[at + 32 * (i >> 7) + (i & 31)]! >> (2 * ((i >> 5) & 3))) & 3;

/** Six bits less 32 of the scale of the g-th 16 values of Q3_K. */
function scale3(block: Uint8Array, g: number): number {
  const low = (block[96 + (g & 7)]! >> (4 * (g >> 3))) & 15;
  return (low | (((block[104 + (g & 3)]! >> (2 * (g >> 2))) & 3) << 4)) - 32;
}

const STEPS = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

const first = (block: Uint8Array) => halfAt(block, 0);
const scaleK = (block: Uint8Array, b: number) => f(halfAt(block, 0) * sixBits(block, b, false));
const minimumK = (block: Uint8Array, b: number) => [-f(halfAt(block, 2) * sixBits(block, b, true))];

const LAYOUTS: Readonly<Record<string, Layout>> = {
  Q4_K: {
    halves: [0, 2],
    integer: (block, i) => fourBits(block, 16, i),
    scale: scaleK,
    minimums: minimumK,
  },
  Q5_K: {
    halves: [0, 2],
    integer: (block, i) => fourBits(block, 48, i) + 16 * ((block[16 + (i & 31)]! >> (i >> 5)) & 1),
    scale: scaleK,
    minimums: minimumK,
  },
  Q3_K: {
    halves: [108],
    integer: (block, i) => {
      const high = (block[i & 31]! >> (i >> 5)) & 1;
      return (twoBits(block, 32, i) + 4 * high - 4) * scale3(block, i >> 4);
    },
    scale: (block) => halfAt(block, 108),
  },
  Q2_K: {
    halves: [80, 82],
    integer: (block, i) => twoBits(block, 16, i) * (block[i >> 4]! & 15),
    scale: (block) => halfAt(block, 80),
    minimums: (block, b) => [2 * b, 2 * b + 1].map((g) => -f(halfAt(block, 82) * (block[g]! >> 4))),
  },
  Q5_0: { halves: [0], integer: (block, i) => nibble(block, 6, i) + 16 * bit(block, 2, i) - 16, scale: first },
  Q5_1: {
    halves: [0, 2],
    integer: (block, i) => nibble(block, 8, i) + 16 * bit(block, 4, i),
    scale: first,
    minimums: (block) => [halfAt(block, 2)],
  },
  IQ4_NL: { halves: [0], integer: (block, i) => STEPS[nibble(block, 2, i)]!, scale: first },
  IQ4_XS: {
    halves: [0],
    integer: (block, i) => STEPS[nibble(block, 8 + 16 * (i >> 5), i)]!,
    scale: (block, b) => {
      const low = (block[4 + (b >> 1)]! >> (4 * (b & 1))) & 15;
      return f(halfAt(block, 0) * ((low | (((block[2 + (b >> 2)]! >> (2 * (b & 3))) & 3) << 4)) - 32));
    },
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
  const all = Uint8Array.from(drawn(((O * inputs(name)) / block) * bytes, 13), (value) =>
    Math.floor((value + 1) * 128),
  );
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

/** A sum in four lanes of every fourth value, then the lanes, then what is left. */
function inFours(values: readonly number[]): number {
  const acc = [0, 0, 0, 0];
  const quads = values.length & ~3;
  for (let i = 0; i < quads; i++) acc[i & 3] = f(acc[i & 3]! + values[i]!);
  return values.slice(quads).reduce((sum, value) => f(sum + value), lanes4(acc));
}

/** A block's integers in lanes of two neighbours, exact; times both scales block after block; the lanes, the bias, the minimums. */
function modelled(name: string, row: Uint8Array, x: Float32Array, bias: number): number {
  const { integer, scale, minimums } = LAYOUTS[name]!;
  const { block: values, bytes } = FORMATS.get(name)!;
  const acc = [0, 0, 0, 0];
  const least: number[] = [];
  for (let at = 0; at < x.length; at += 32) {
    const block = row.subarray(Math.floor(at / values) * bytes);
    const inside = at % values;
    const { d, q } = quantised(x.subarray(at, at + 32));
    const lanes = [0, 0, 0, 0];
    q.forEach((value, i) => (lanes[(i >> 1) & 3]! += value * integer(block, inside + i)));
    const by = f(scale(block, inside / 32) * d);
    lanes.forEach((lane, l) => (acc[l] = f(acc[l]! + f(f(lane) * by))));
    const low = minimums?.(block, inside / 32) ?? [];
    low.forEach((m, i) => {
      const part = q.slice((32 / low.length) * i, (32 / low.length) * (i + 1));
      least.push(f(m * f(d * part.reduce((total, value) => total + value, 0))));
    });
  }
  const y = f(lanes4(acc) + bias);
  return minimums === undefined ? y : f(y + inFours(least));
}

describe.each(Object.keys(LAYOUTS))("%s", (name) => {
  it("one token and several: the sums of plain arithmetic, on any number of threads", async () => {
    const format = FORMATS.get(name)!;
    const I = inputs(name);
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
