import { expect, it } from "vitest";
import { erf, sigmoid, sinCos, tanh } from "../../../src/oracle/numbers/math.ts";

const grid = (from: number, to: number, n: number) =>
  Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));

it("sine and cosine are within 2^-52 of the engine's own for every angle of 131,072 positions", () => {
  for (const x of grid(0, 131_072, 50_001)) {
    const [sin, cos] = sinCos(Math.fround(x));
    expect(Math.abs(sin - Math.sin(Math.fround(x)))).toBeLessThan(2 ** -51);
    expect(Math.abs(cos - Math.cos(Math.fround(x)))).toBeLessThan(2 ** -51);
  }
  expect(sinCos(0)).toEqual([0, 1]);
});

it("tanh, sigmoid and erf agree with known values", () => {
  for (const x of grid(-25, 25, 1001)) expect(tanh(x)).toBeCloseTo(Math.tanh(x), 14);
  expect(sigmoid(0)).toBe(0.5);
  // Abramowitz and Stegun, table 7.1
  expect([erf(0.5), erf(1), erf(2), erf(-2), erf(7)]).toEqual(
    [0.5204998778130465, 0.8427007929497149, 0.9953222650189527, -0.9953222650189527, 1].map((x) =>
      expect.closeTo(x, 13),
    ),
  );
  expect(erf(3.5)).toBeCloseTo(0.9999992569016276, 13);
});
