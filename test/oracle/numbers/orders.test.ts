import { expect, it } from "vitest";
import { dotOf, dotsOf, ORDERS } from "../../../src/oracle/numbers/orders.ts";

const drawn = (n: number, seed: number) =>
  Float32Array.from({ length: n }, (_, i) => Math.fround(Math.sin(seed + i * 1.7)));

it.each(ORDERS)("%s: within n u sum |x y| of the sum, and exactly it where nothing is rounded", (order) => {
  const dot = dotOf(order);
  for (const n of [0, 1, 7, 8, 15, 16, 17, 33, 100, 515]) {
    const [x, y] = [drawn(n, 1), Float64Array.from(drawn(n, 2))];
    const exact = x.reduce((sum, a, i) => sum + a * y[i]!, 0);
    const size = x.reduce((sum, a, i) => sum + Math.abs(a * y[i]!), 0);
    expect(Math.abs(dot(x, 0, y, 0, 1, n) - exact)).toBeLessThanOrEqual(n * 2 ** -24 * size);
    const whole = Float32Array.from({ length: n }, (_, i) => i % 5);
    const sum = whole.reduce((total, a) => total + a * a, 0);
    expect(dot(whole, 0, Float64Array.from(whole), 0, 1, n)).toBe(sum);
  }
});

it.each(ORDERS)("%s: four rows at once give the bits of one by one, and steps of two the same as copies", (order) => {
  const [a, b] = [drawn(4 * 37, 3), Float64Array.from(drawn(37, 4))];
  const sums = new Float64Array(4);
  for (const rows of [1, 3, 4]) {
    dotsOf(order)(a, 0, rows, b, 0, 37, sums);
    for (let r = 0; r < rows; r++) expect(sums[r]).toBe(dotOf(order)(a, r * 37, b, 0, 1, 37));
  }
  const apart = Float64Array.from({ length: 74 }, (_, i) => (i % 2 === 0 ? b[i / 2]! : NaN));
  expect(dotOf(order)(a, 0, apart, 0, 2, 37)).toBe(dotOf(order)(a, 0, b, 0, 1, 37));
});

it("the orders part from each other, or there would be no noise to measure", () => {
  const sums = ORDERS.map((order) =>
    Array.from({ length: 20 }, (_, seed) =>
      dotOf(order)(drawn(1000, seed), 0, Float64Array.from(drawn(1000, seed + 0.5)), 0, 1, 1000),
    ),
  );
  expect(new Set(sums.map((each) => each.join())).size).toBe(ORDERS.length);
});
