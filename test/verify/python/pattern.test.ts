import { expect, test } from "vitest";
import { fold, readPattern } from "../../../src/verify/python/pattern.ts";

test("a plain keyword is found in any case, also where Python takes two letters for one", () => {
  const pattern = readPattern("Kiss i", { ignoreCase: true });
  expect(pattern.count("kiss i KISS I \u212aI\u017fS \u0131 \u212a\u0130ss \u0130")).toBe(4);
  expect(readPattern("stra\u00dfe", { ignoreCase: true }).found("STRASSE")).toBe(false);
  expect(fold("\u03a3\u03c2\u03c3 \u00b5")).toBe("\u03c3\u03c3\u03c3 \u03bc");
});

test("as a word it has Python's edges: a mark ends a word, an underscore does not", () => {
  const pattern = readPattern("can", { ignoreCase: true, word: true });
  expect(["Can!", "(can)", "can\u0301", "a can-opener"].map((text) => pattern.found(text))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(["canal", "can_", "can\u00e9", "can2", "pecan"].map((text) => pattern.found(text))).toEqual(
    Array.from({ length: 5 }, () => false),
  );
});

test("operators are Python's, with its classes", () => {
  expect(readPattern(String.raw`\w+\s\d`).count("\u00e9\u00e8\u00a0\u0663 ab\x1c1")).toBe(2);
  expect(readPattern(String.raw`[\d.]+x`, { ignoreCase: true }).count("1.5X .x")).toBe(2);
  expect(readPattern("ab?c", { word: true }).count("ac abc xac")).toBe(2);
  expect(readPattern("P(art)?", { before: "[ ]?", after: "[ ]?[0-9]+" }).count("Part 1 P2 P")).toBe(2);
});

test("a pattern that would hang a backtracking matcher takes no longer than another", () => {
  const text = "a".repeat(50_000) + "!";
  const start = performance.now();
  for (const bomb of ["(a+)+$", "(a|aa)+b", "(.*a){20}b", "^(([a-z])+.)+[A-Z]([a-z])+$"]) {
    expect(readPattern(bomb).found(text), bomb).toBe(false);
  }
  // Backtracking takes longer than the universe has been; the bound is that of a slow machine.
  expect(performance.now() - start).toBeLessThan(10_000);
});

test("what has no automaton is an error that says so", () => {
  expect(() => readPattern("(?=a)b")).toThrow(/^pattern "\(\?=a\)b": expected a pattern without lookaround/);
  expect(() => readPattern("C++")).toThrow(/Mend the instruction's pattern/);
  expect(() => readPattern("(a{1000}){1000}")).toThrow(/expected a pattern/);
  expect(() => readPattern("a".repeat(1001))).toThrow(/at most 1000 characters, got 1001/);
});
