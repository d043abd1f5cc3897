import { expect, it } from "vitest";
import { bytes, decimal, integer, seconds, seed } from "../../src/cli/options.ts";

it.each([
  ["3000000000", 3e9],
  ["3GB", 3e9],
  ["2.5GiB", 2.5 * 2 ** 30],
  ["512 MiB", 2 ** 29],
  ["64k", 64_000],
  ["1.5TB", 1.5e12],
  ["2 TiB", 2 ** 41],
])("bytes reads %s", (text, value) => {
  expect(bytes(text)).toBe(value);
});

it.each([
  [bytes, ["", "x", "3 XB", "-1", "1e9", "3iB", "9".repeat(400)]],
  [decimal, ["", " ", "x", "Infinity", "NaN", "1,5", "0x1", "0b1", " 1", "."]],
  [integer(1, 8), ["", "0", "9", "1.0", "1e0", " 1", "0x1"]],
  [seconds, ["", "0", "-1", "soon"]],
  [seed, ["", "-1", "1.5", "18446744073709551616"]],
])("%o refuses what is not such a number", (read, wrong) => {
  for (const text of wrong) expect(() => read(text), text).toThrow(/^Expected a/);
});

it("decimal reads what is written in decimal", () => {
  expect(["0.5", ".5", "5.", "+1", "-1e-1", "1E3"].map(decimal)).toEqual([0.5, 0.5, 5, 1, -0.1, 1000]);
});

it("integer and seed read their whole range", () => {
  expect(["1", "8"].map(integer(1, 8))).toEqual([1, 8]);
  expect(["0", "18446744073709551615"].map(seed)).toEqual([0n, 2n ** 64n - 1n]);
});
