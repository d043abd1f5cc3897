import { expect, it } from "vitest";
import { changed, difference, wilson } from "../../../src/training/stages/interval.ts";

it("8 of 10, by the formula", () => {
  const { share, low, high, of } = wilson(8, 10);
  expect([share, of]).toEqual([0.8, 10]);
  expect(low).toBeCloseTo(0.4901625, 6);
  expect(high).toBeCloseTo(0.9433178, 6);
});

it("stays within 0 and 1, and says something where all or none were right", () => {
  const [none, all] = [wilson(0, 20), wilson(20, 20)];
  expect([none.low, all.high]).toEqual([0, 1]);
  expect(none.high).toBeCloseTo(0.1611252, 6);
  expect(all.low).toBeCloseTo(1 - none.high, 12);
});

it("of no trials is everything", () => {
  expect(wilson(0, 0)).toMatchObject({ low: 0, high: 1, of: 0 });
});

it("holds the true share some 95 times in 100", () => {
  // Exactly, over all outcomes of 40 trials at 0.9: the coverage of this interval lies at 0.95 on average, not everywhere.
  const [n, p] = [40, 0.9];
  let [inside, chance] = [0, (1 - p) ** n];
  for (let k = 0; k <= n; k++) {
    const { low, high } = wilson(k, n);
    if (low <= p && p <= high) inside += chance;
    chance *= ((n - k) / (k + 1)) * (p / (1 - p));
  }
  expect(inside).toBeGreaterThan(0.9);
  expect(inside).toBeLessThan(0.98);
});

it("of a change, only the problems on which both differ count", () => {
  const before = [true, true, false, false, true, false, true, true, false, false];
  const after = [true, false, true, true, true, true, true, true, false, false];
  const { change, low, high } = changed(before, after); // lost 1, won 3 of 10
  expect(change).toBeCloseTo(0.2, 12);
  expect(high - change).toBeCloseTo((1.959963984540054 * Math.sqrt(4 - 0.4)) / 10, 12);
  expect(change - low).toBeCloseTo(high - change, 12);
  expect(changed(after, after)).toEqual({ change: 0, low: 0, high: 0 });
});

it("of the difference of two shares, Newcombe's own example", () => {
  const { change, low, high } = difference(wilson(48, 80), wilson(56, 70));
  expect(change).toBeCloseTo(0.2, 12);
  expect([low, high].map((x) => x.toFixed(4))).toEqual(["0.0524", "0.3339"]);
});
