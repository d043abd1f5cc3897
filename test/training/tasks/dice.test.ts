import fc from "fast-check";
import { expect, test } from "vitest";
import { Dice, hash } from "../../../src/training/tasks/dice.ts";

test("the same names draw the same, other names something else", () => {
  const draws = (dice: Dice) => Array.from({ length: 20 }, () => dice.below(1000));
  expect(draws(new Dice(1, "a"))).toEqual(draws(new Dice(1, "a")));
  expect(draws(new Dice(1, "a"))).not.toEqual(draws(new Dice(2, "a")));
  expect(draws(new Dice(1, "a"))).not.toEqual(draws(new Dice(1, "b")));
});

test("draws lie within their bounds and reach them", () => {
  const dice = new Dice(3);
  const drawn = new Set(Array.from({ length: 500 }, () => dice.between(-2, 2)));
  expect([...drawn].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  const often = Array.from({ length: 4000 }, () => dice.chance(0.25)).filter(Boolean).length;
  expect(Math.abs(often - 1000)).toBeLessThan(6 * Math.sqrt(4000 * 0.25 * 0.75)); // six standard deviations
});

test("some are different ones of the list, as many as asked for where there are so many", () => {
  const list = ["a", "b", "c", "d"];
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(6), (seed, count) => {
      const some = new Dice(seed).some(list, count);
      expect(new Set(some).size).toBe(Math.min(count, 4));
      expect(some.every((one) => list.includes(one))).toBe(true);
    }),
  );
});

test("the hash's shares are even, also of names that differ at the end alone", () => {
  const counts = new Array<number>(16).fill(0);
  for (let i = 0; i < 16_000; i++) counts[hash(`1/${i}`) % 16]!++;
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(6 * Math.sqrt(1000));
});
