import { expect, it } from "vitest";
import { levenshtein, Likeness } from "../../../src/verify/livebench/distance.ts";

it("counts insertions, deletions and replacements", () => {
  expect(levenshtein([..."kitten"], [..."sitting"])).toBe(3);
  expect(levenshtein([], [1, 2])).toBe(2);
  expect(levenshtein([1, 2, 3], [1, 2, 3])).toBe(0);
});

// As `difflib.get_close_matches(text, texts, n=1, cutoff=0.0)` of CPython 3.11 has it.
it("finds the text that is most like another, of equals the later by its characters", () => {
  expect(new Likeness("the tide comes in").closest(["the tide goes out", "a tide comes", "in comes the tide"])).toBe(
    "the tide goes out",
  );
  expect(new Likeness("ab").closest(["a", "b"])).toBe("b");
  expect(new Likeness("ab").closest(["\ufb01", "\u{1f642}"])).toBe("\u{1f642}"); // nothing in common: by Unicode, not UTF-16
  expect(new Likeness("").closest(["x", ""])).toBe("");
  expect(new Likeness("x").closest([])).toBeUndefined();
});
