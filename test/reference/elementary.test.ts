import { expect, it } from "vitest";
import { exp, log, power, power2 } from "../../src/reference/elementary.ts";

const grid = (from: number, to: number, n: number) =>
  Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));

it("exp is within 2 ulp of the engine's own from -700 to 709, and ends as it should", () => {
  for (const x of grid(-700, 709, 20_001)) expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(2 ** -51);
  expect([exp(0), exp(800), exp(-800), exp(NaN), exp(-Infinity)]).toEqual([1, Infinity, 0, NaN, 0]);
});

it("log is within 2^-51 of the engine's own, of numbers of every size, and exact of 1", () => {
  for (const e of grid(-1000, 1000, 20_001)) {
    const x = Math.pow(2, e);
    expect(Math.abs(log(x) - Math.log(x))).toBeLessThan(2 ** -51 * Math.max(1, Math.abs(Math.log(x))));
  }
  for (const x of grid(0.5, 2, 20_001)) expect(Math.abs(log(x) - Math.log(x))).toBeLessThan(2 ** -51);
  expect([log(1), log(2) === Math.LN2]).toEqual([0, true]);
});

it("the powers of RoPE's frequencies are within 2^-46 of the engine's own", () => {
  for (const theta of [1e4, 1e6, 5e5, 7.3]) {
    for (const y of grid(-1, 1, 1001)) expect(Math.abs(power(theta, y) / theta ** y - 1)).toBeLessThan(2 ** -46);
  }
  expect([power(1e6, 0), power2(-1022), power2(10)]).toEqual([1, 2 ** -1022, 1024]);
});
