import { expect, it } from "vitest";
import { schedule } from "../../src/training/schedule.ts";

it("rises in a line, falls as half a cosine, and stays at its floor", () => {
  const rate = (step: number) => schedule(step, { peak: 1, floor: 0.1, warmup: 4, steps: 12 });
  expect([1, 2, 4].map(rate)).toEqual([0.25, 0.5, 1]);
  expect(rate(8)).toBeCloseTo(0.55, 12);
  expect([12, 13, 1000].map(rate)).toEqual([0.1, 0.1, 0.1]);
  for (let step = 5; step <= 12; step++) expect(rate(step)).toBeLessThan(rate(step - 1));
});

it("without a warmup starts near the peak", () => {
  expect(schedule(1, { peak: 2, warmup: 0, steps: 1000 })).toBeCloseTo(2, 4);
});
