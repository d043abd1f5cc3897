import { describe, expect, it } from "vitest";
import { majority, meanOf, spread, wilson } from "../../src/eval/statistics.ts";

describe("wilson", () => {
  it("is the interval of Wilson's formula", () => {
    // worked out in Python: 0.62694303..., 0.90494892...
    const { low, high } = wilson(24 / 30, 30);
    expect(low).toBeCloseTo(0.6269430358685175, 12);
    expect(high).toBeCloseTo(0.9049489282271013, 12);
    expect(wilson(0, 10)).toMatchObject({ value: 0, low: 0 });
    expect(wilson(NaN, 0)).toMatchObject({ low: 0, high: 1 });
  });
});

describe("meanOf", () => {
  it("with one reply to each problem is Wilson's", () => {
    const ones = Array.from({ length: 30 }, (_, i) => [Number(i < 24)]);
    const { value, low, high } = meanOf(ones);
    expect([value, low, high]).toEqual(Object.values(wilson(0.8, 30)));
  });

  it("takes replies that are alike for one trial, and independent ones for many", () => {
    const alike = Array.from({ length: 20 }, (_, i) => new Array<number>(8).fill(i % 2));
    const mixed = Array.from({ length: 20 }, () => [0, 1, 0, 1, 0, 1, 0, 1]);
    expect(meanOf(alike).low).toBeCloseTo(wilson(0.5, 20).low, 12);
    expect(meanOf(mixed).low).toBeCloseTo(wilson(0.5, 160).low, 12);
  });

  it("leaves out problems without replies", () => {
    expect(meanOf([[1], [], [0]]).value).toBe(0.5);
  });
});

it("majority is the most frequent answer, the first of several, none of none", () => {
  expect(majority(["1", "2", "", "", "", "2"])).toBe("2");
  expect(majority(["7", "3", "3", "7"])).toBe("7");
  expect(majority(["", ""])).toBeUndefined();
});

it("spread has nearest-rank percentiles", () => {
  expect(spread([3, 1, 2, 10])).toEqual({ mean: 4, median: 2, p90: 10, most: 10 });
  expect(spread([])).toBeUndefined();
});
