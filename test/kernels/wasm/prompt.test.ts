/** Prompts, which have kernels of their own: what the numbers are, and that nothing but a token itself counts. */
import { afterAll, describe, expect, it } from "vitest";
import { wasmBackend } from "../../../kernels/wasm/index.ts";
import { PROMPT } from "../../../kernels/wasm/products.ts";
import { FORMATS } from "../../../src/quant/index.ts";
import { host, type Stored, stored } from "../../../src/tensor.ts";
import { promptBound } from "../../support/prompt-bound.ts";
import { drawn } from "../../support/small.ts";

const started = (options: Parameters<typeof wasmBackend>[0]) => wasmBackend({ activations: "int8", ...options });
const backends = await Promise.all([
  ...[1, 2, 3, 4].map((threads) => started({ threads })),
  started({ threads: 2, wide: false }),
  started({ threads: 1, wide: false, relaxed: false }),
]);
const passing = await started({ threads: 2 });
passing.keep(0);
afterAll(() => {
  for (const ops of [...backends, passing]) ops.close();
});

/** Where blocks have float16 numbers: drawn so that they are moderate. */
const HALVES: Readonly<Record<string, readonly number[]>> = {
  Q8_0: [0],
  Q4_0: [0],
  Q4_1: [0, 2],
  Q5_0: [0],
  Q5_1: [0, 2],
  IQ4_NL: [0],
  IQ4_XS: [0],
  Q2_K: [80, 82],
  Q3_K: [108],
  Q4_K: [0, 2],
  Q5_K: [0, 2],
  Q6_K: [208],
};

function matrix(name: string, O: number, I: number, change: (bytes: Uint8Array) => void = () => undefined) {
  const format = FORMATS.get(name)!;
  const blocks = (O * I) / format.block;
  const bytes = Uint8Array.from(drawn(blocks * format.bytes, 7), (value) => Math.floor((value + 1) * 128));
  for (let b = 0; b < blocks; b++) {
    for (const at of HALVES[name]!)
      bytes[b * format.bytes + at + 1] = (bytes[b * format.bytes + at + 1]! & 0x83) | 0x28;
  }
  change(bytes);
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
  const [O = 0, I = 0] = W.shape;
  const wide = new Float32Array(O * I);
  W.widen(0, O, wide);
  return wide;
}

/** Activations whose chunks differ in size, with a block of zeros and one value far from the others. */
function tokens(T: number, I: number): Float32Array {
  const x = drawn(T * I, 3).map((value, i) => (i >> 5 === 1 ? 0 : value * 4 ** ((i >> 8) % 3)));
  for (let t = 0; t < T; t += 3) x[t * I + 70] = 300;
  return x;
}

const linear = (ops: (typeof backends)[number], x: Float32Array, W: Stored<"O C">, bias?: Float32Array) => {
  const [O = 0, I = 0] = W.shape;
  const b = bias === undefined ? undefined : host<"O">([O], bias);
  return ops.linear(host<"T C">([x.length / I, I], x), W, b) as unknown as { data: Float32Array };
};

/** One chunk and less, several, a last one that is short; rows that fill no panel. */
const SIZES = [
  [224, 5],
  [256, 16],
  [800, 70],
  [1536, 33],
] as const;

describe.each(Object.keys(HALVES))("%s", (name) => {
  const sizes = SIZES.filter(([I]) => I % FORMATS.get(name)!.block === 0);

  it.each(sizes)(
    "%d columns, %d rows: the same bits whatever else is read, threads, lanes, kept or passing",
    (I, O) => {
      const W = matrix(name, O, I);
      const [x, bias] = [tokens(67, I), drawn(O, 5)];
      const whole = linear(backends[0]!, x, W, bias).data;
      for (const ops of [...backends, passing]) {
        for (const [first, T] of [
          [0, 67],
          [0, PROMPT],
          [50, 17],
          [3, 18],
          [1, 19],
        ] as const) {
          const { data: y } = linear(ops, x.slice(first * I, (first + T) * I), W, bias);
          expect(y, `${T} tokens, ${ops.threads} threads`).toEqual(whole.subarray(first * O, (first + T) * O));
        }
      }
    },
  );

  it.each(sizes)("%d columns, %d rows: within its bound of the exact sum", (I, O) => {
    const W = matrix(name, O, I);
    const x = tokens(20, I);
    const wide = widened(W);
    const { data: y } = linear(backends[0]!, x, W);
    for (let k = 0; k < y.length; k++) {
      const [t, o] = [Math.floor(k / O), k % O];
      const { sum, bound } = promptBound(wide.subarray(o * I, (o + 1) * I), x.subarray(t * I, (t + 1) * I));
      expect(Math.abs(y[k]! - sum)).toBeLessThanOrEqual(bound);
    }
  });
});

describe("what is at the edges", () => {
  const [I, O, T] = [512, 20, PROMPT];
  const ops = backends[0]!;
  const W = matrix("Q8_0", O, I);
  const plain = tokens(T, I);

  it("the greatest weights and activations of one sign do not overflow", () => {
    const most = matrix("Q8_0", O, I, (bytes) => {
      for (let at = 0; at < bytes.length; at += 34) {
        bytes.fill(127, at, at + 34);
        bytes.set([0, 0x3c], at); // 1
      }
    });
    const { data: y } = linear(ops, new Float32Array(T * I).fill(1), most);
    for (const value of y) expect(Math.abs(value / (127 * I) - 1)).toBeLessThan(2e-4); // half a step of 2,044
  });

  it.each([NaN, Infinity, -Infinity])("%s in a token makes that token's row not finite, and no other", (value) => {
    const x = plain.slice();
    x[3 * I + 300] = value;
    const [y, without] = [linear(ops, x, W).data, linear(ops, plain, W).data];
    for (let t = 0; t < T; t++) {
      const row = y.subarray(t * O, (t + 1) * O);
      if (t === 3) expect([...row].some(Number.isFinite)).toBe(false);
      else expect(row).toEqual(without.subarray(t * O, (t + 1) * O));
    }
  });

  it("zeros give the bias; so do numbers below any scale", () => {
    const bias = drawn(O, 9);
    for (const value of [0, -0, 1e-44, -1e-38]) {
      const { data: y } = linear(ops, new Float32Array(T * I).fill(value), W, bias);
      for (let t = 0; t < T; t++) expect(y.subarray(t * O, (t + 1) * O)).toEqual(bias);
    }
  });

  it("weights of zeros give the bias", () => {
    const bias = drawn(O, 9);
    const none = matrix("Q8_0", O, I, (bytes) => bytes.fill(0));
    const { data: y } = linear(ops, plain, none, bias);
    for (let t = 0; t < T; t++) expect(y.subarray(t * O, (t + 1) * O)).toEqual(bias);
  });

  it.each([2 ** 100, 2 ** -90])("activations %d times as large give products as many times as large", (times) => {
    const [y, without] = [
      linear(
        ops,
        plain.map((value) => value * times),
        W,
      ).data,
      linear(ops, plain, W).data,
    ];
    y.forEach((value, i) =>
      expect(Math.abs(value / times - without[i]!)).toBeLessThanOrEqual(1e-5 * Math.abs(without[i]!) + 1e-2),
    );
  });
});

it("a backend says up to how many tokens each has the bits it has alone", () => {
  const W = matrix("Q8_0", 20, 512);
  const x = tokens(PROMPT, 512);
  for (const ops of backends) {
    const { data: y } = linear(ops, x.slice(0, ops.steady! * 512), W);
    expect(y.subarray(0, 20)).toEqual(linear(ops, x.slice(0, 512), W).data);
    expect(linear(ops, x, W).data.subarray(0, 20)).not.toEqual(y.subarray(0, 20));
  }
});
