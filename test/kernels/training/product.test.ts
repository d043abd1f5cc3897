import { describe, expect, it } from "vitest";
import { Arena, compile, instantiate, shared } from "../../../kernels/training/kernels.ts";
import { Random } from "../../../src/generate/random.ts";
import { exact, norm, within } from "../../support/within.ts";

const memory = shared();
const arena = new Arena(memory);
const kernels = instantiate(compile(), memory);
const random = new Random(5);

function drawn(length: number): { at: number; x: Float32Array } {
  const at = arena.place(4 * length + 64);
  const x = arena.floats(at, length);
  x.forEach((_, i) => (x[i] = 2 * random.fraction() - 1));
  return { at, x: x.slice() };
}

const edge = arena.place(128);
const zero = arena.place(4096);
const SIZES = [
  [1, 8, 8],
  [3, 33, 1],
  [5, 24, 20],
  [4, 20, 9],
  [7, 160, 32],
  [70, 12, 17],
] as const;

describe.each(SIZES)("T %i, I %i, O %i", (T, I, O) => {
  const [x, w, b, dy] = [drawn(T * I), drawn(O * I), drawn(O + 8), drawn(T * O)];
  const panels = arena.place(4 * (I + 8) * (O + 8));
  const y = arena.place(4 * T * O);

  // One sum an element, k ascending: each of its K additions rounds a partial sum, none of which exceeds sum |w x| + |b|; by
  // chance of sign they grow as the root of K, which 4 + root K / 2 leaves twice.
  const c = (K: number) => 4 + Math.sqrt(K) / 2;

  it("product: y = W x + b within (4 + root I / 2) u sum |w x|, and a row does not depend on how many there are", () => {
    kernels.transposed(w.at, 4 * I, O, I, panels);
    kernels.product(x.at, panels, b.at, 0, y, T, I, O, edge);
    const made = arena.floats(y, T * O).slice();
    const [truth, magnitude] = [new Float64Array(T * O), new Float64Array(T * O)];
    truth.forEach((_, n) => {
      const [t, o] = [Math.floor(n / O), n % O];
      truth[n] = b.x[o]!;
      magnitude[n] = Math.abs(b.x[o]!);
      for (let i = 0; i < I; i++) {
        truth[n]! += x.x[t * I + i]! * w.x[o * I + i]!;
        magnitude[n]! += Math.abs(x.x[t * I + i]! * w.x[o * I + i]!);
      }
    });
    within("y", made, truth, norm(c(I), magnitude), [T, O]);
    for (let t = 0; t < T; t++) {
      kernels.product(x.at + 4 * t * I, panels, b.at, 0, y, 1, I, O, edge);
      within(`row ${t}`, arena.floats(y, O), made.subarray(t * O, (t + 1) * O), exact);
    }
  });

  it("product by the backward panels: dx = dy W, and dx += dy W", () => {
    const into = arena.place(4 * T * I + 64);
    kernels.panels(w.at, 4 * I, O, I, panels);
    for (const times of [1, 2]) {
      kernels.product(dy.at, panels, times === 1 ? zero : into, times === 1 ? 0 : 4 * I, into, T, O, I, edge);
      const [truth, magnitude] = [new Float64Array(T * I), new Float64Array(T * I)];
      truth.forEach((_, n) => {
        for (let o = 0; o < O; o++) {
          const product = dy.x[Math.floor(n / I) * O + o]! * w.x[o * I + (n % I)]!;
          truth[n]! += times * product;
          magnitude[n]! += times * Math.abs(product);
        }
      });
      within("dx", arena.floats(into, T * I), truth, norm(c(2 * O), magnitude), [T, I]);
    }
  });

  it("slopes: dW += dy' x", () => {
    const [quads, columns, dW] = [arena.place(4 * T * (O + 4)), arena.place(4 * T * (I + 8)), drawn(O * I)];
    kernels.quads(dy.at, T, O, quads);
    kernels.panels(x.at, 4 * I, T, I, columns);
    kernels.slopes(quads, columns, dW.at, 4 * I, dW.at, T, I, O, edge);
    const [truth, magnitude] = [Float64Array.from(dW.x), Float64Array.from(dW.x, Math.abs)];
    truth.forEach((_, n) => {
      for (let t = 0; t < T; t++) {
        const product = dy.x[t * O + Math.floor(n / I)]! * x.x[t * I + (n % I)]!;
        truth[n]! += product;
        magnitude[n]! += Math.abs(product);
      }
    });
    within("dW", arena.floats(dW.at, O * I), truth, norm(c(T), magnitude), [O, I]);
  });
});

it("squares are added in order, and a gradient is shortened with one rounding", () => {
  const { at, x } = drawn(1000);
  let sum = 0;
  for (const v of x) sum += v * v;
  expect(kernels.squares(at, 1000)).toBe(sum);
  kernels.shorten(at, 1000, 1 / 3);
  expect(arena.floats(at, 1000).slice()).toEqual(x.map((v) => v * (1 / 3)));
});
