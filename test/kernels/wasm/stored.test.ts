/** Every number format from its stored bytes: the very values, the same bits however the work is cut, and the bounds. */
import { afterAll, describe, expect, it } from "vitest";
import { wasmBackend } from "../../../kernels/wasm/index.ts";
import { HALF } from "../../../src/quant/f16.ts";
import { FORMATS } from "../../../src/quant/index.ts";
import { host, type Stored, stored } from "../../../src/tensor.ts";
import { drawn } from "../../support/small.ts";

const I = 512; // two blocks of 256
const O = 11;

const int8 = await Promise.all(
  [1, 2, 3, 4].map((threads) => wasmBackend({ threads, activations: "int8", relaxed: false })),
);
const f32 = await Promise.all([1, 2, 3, 4].map((threads) => wasmBackend({ threads, activations: "f32" })));
const passing = await wasmBackend({ threads: 2, activations: "int8", relaxed: false });
const exact = f32[0]!;
passing.keep(0);
afterAll(() => {
  for (const ops of [...int8, ...f32, passing]) ops.close();
});

/** Where a block has its float16 numbers, and, if it has minimums, where its quanta lie. */
const HALVES: Readonly<
  Record<string, { readonly at: readonly number[]; readonly quanta?: readonly [number, number] }>
> = {
  F16: { at: [0] },
  Q8_0: { at: [0] },
  Q4_0: { at: [0] },
  Q4_1: { at: [0, 2], quanta: [4, 20] },
  Q5_0: { at: [0] },
  Q5_1: { at: [0, 2], quanta: [4, 24] },
  IQ4_NL: { at: [0] },
  IQ4_XS: { at: [0] },
  Q2_K: { at: [80, 82], quanta: [16, 80] },
  Q3_K: { at: [108] },
  Q4_K: { at: [0, 2], quanta: [16, 144] },
  Q5_K: { at: [0, 2], quanta: [16, 176] },
  Q6_K: { at: [208] },
};

/** Random blocks whose float16 numbers are moderate, of either sign, a few of them subnormal. */
function drawnBytes(name: string): Uint8Array {
  const { block, bytes } = FORMATS.get(name)!;
  const blocks = (O * I) / block;
  const all = Uint8Array.from(drawn(blocks * bytes, 11), (value) => Math.floor((value + 1) * 128));
  if (name === "F32" || name === "BF16")
    for (let i = bytes - 1; i < all.length; i += bytes) all[i] = (all[i]! & 0x80) | 0x3d;
  for (let b = 0; b < blocks; b++) {
    for (const at of HALVES[name]?.at ?? []) {
      const high = b * bytes + at + 1;
      all[high] = (all[high]! & 0x83) | (b % 7 === 0 ? 0 : 0x28);
    }
  }
  return all;
}

function matrix(name: string, bytes: Uint8Array): Stored<"O C"> {
  const format = FORMATS.get(name)!;
  const rowBytes = (I / format.block) * format.bytes;
  return stored<"O C">({
    shape: [O, I],
    format: name,
    name: "W",
    widen: (first, count, into) => format.widen(bytes, first * rowBytes, (count * I) / format.block, into, 0),
    window: (first, count, use) => use(bytes.subarray(first * rowBytes, (first + count) * rowBytes)),
  });
}

function widened(W: Stored<"O C">): Float32Array {
  const wide = new Float32Array(O * I);
  W.widen(0, O, wide);
  return wide;
}

/** What a format adds to d q: its values where all quanta are 0. */
function lifts(name: string, bytes: Uint8Array): Float32Array {
  const { quanta } = HALVES[name] ?? {};
  if (quanta === undefined) return new Float32Array(O * I);
  const format = FORMATS.get(name)!;
  const bare = bytes.slice();
  for (let at = 0; at < bare.length; at += format.bytes) bare.fill(0, at + quanta[0], at + quanta[1]);
  return widened(matrix(name, bare));
}

/** Activations whose blocks differ much in size; one block is zero. */
const tokens = (T: number) => drawn(T * I, 3).map((value, i) => (i >> 5 === 1 ? 0 : value * 4 ** ((i >> 5) % 4)));

describe.each([...FORMATS.keys()])("%s", (name) => {
  const bytes = drawnBytes(name);
  const W = matrix(name, bytes);
  const wide = widened(W);

  it("a token that is 1 in one place and else 0 gives the format's very values", async () => {
    const ones = new Float32Array(I * I);
    for (let i = 0; i < I; i++) ones[i * I + i] = 1;
    const { data: y } = await exact.download(exact.linear(host<"T C">([I, I], ones), W));
    const expected = Float32Array.from(y, (_, k) => wide[(k % O) * I + Math.floor(k / O)]! + 0);
    expect(y).toEqual(expected);
    for (let i = 0; i < I; i += 37) {
      const { data: single } = await exact.download(
        exact.linear(host<"T C">([1, I], ones.slice(i * I, (i + 1) * I)), W),
      );
      expect(single).toEqual(expected.subarray(i * O, (i + 1) * O));
    }
  });

  it.each(["int8", "f32"])("%s: the same bits for any number of tokens and threads, kept or passing", async (kind) => {
    const x = tokens(5);
    const bias = host<"O">([O], drawn(O, 5));
    const teams = kind === "int8" ? [...int8, passing] : f32;
    const whole = await teams[0]!.download(teams[0]!.linear(host<"T C">([5, I], x), W, bias));
    for (const ops of teams) {
      for (const T of [1, 2, 3, 4, 5]) {
        const { data: y } = await ops.download(ops.linear(host<"T C">([T, I], x.slice(0, T * I)), W, bias));
        expect(y, `${T} tokens, ${ops.threads} threads`).toEqual(whole.data.subarray(0, T * O));
      }
    }
  });

  it.each(["int8", "f32"])("%s: within its bound of the exact sum", async (kind) => {
    const x = tokens(3);
    const lift = lifts(name, bytes);
    const ops = kind === "int8" ? int8[0]! : exact;
    const { data: y } = await ops.download(ops.linear(host<"T C">([3, I], x), W));
    const rounds = kind === "int8" && HALVES[name] !== undefined && name !== "F16";
    for (let k = 0; k < y.length; k++) {
      const [t, o] = [Math.floor(k / O), k % O];
      const { sum, norm, rounding } = bounded(
        wide.subarray(o * I),
        lift.subarray(o * I),
        x.subarray(t * I, (t + 1) * I),
      );
      expect(Math.abs(y[k]! - sum)).toBeLessThanOrEqual(4 * 2 ** -24 * norm + (rounds ? rounding : 0));
    }
  });
});

/** The exact sum; the norm, of d q and minimums apart as they are added; what rounding x by half a step may change. */
function bounded(w: Float32Array, lift: Float32Array, x: Float32Array) {
  let [sum, norm, rounding] = [0, 0, 0];
  x.forEach((value, i) => {
    const block = x.subarray(i & ~31, (i & ~31) + 32);
    const most = block.reduce((largest, other) => Math.max(largest, Math.abs(other)), 0);
    sum += w[i]! * value;
    norm += (Math.abs(w[i]! - lift[i]!) + Math.abs(lift[i]!)) * Math.abs(value);
    rounding += (Math.abs(w[i]!) * most) / 32767 / 2;
  });
  return { sum, norm, rounding };
}

it("float16 becomes float32 exactly: subnormal numbers, infinities, every sign", async () => {
  const codes = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((code) => !Number.isNaN(HALF[code]!));
  const format = FORMATS.get("F16")!;
  const bytes = new Uint8Array(codes.buffer, 0, codes.length * 2);
  const W = stored<"O C">({
    shape: [codes.length, 1],
    format: "F16",
    name: "W",
    widen: (first, count, into) => format.widen(bytes, 2 * first, count, into, 0),
    window: (first, count, use) => use(bytes.subarray(2 * first, 2 * (first + count))),
  });
  for (const T of [1, 2]) {
    const { data: y } = await exact.download(exact.linear(host<"T C">([T, 1], new Float32Array(T).fill(1)), W));
    expect(y.subarray(0, codes.length)).toEqual(Float32Array.from(codes, (code) => HALF[code]! + 0));
  }
});
