import { expect, test } from "vitest";
import { countBullets, countHighlights, countPlaceholders, hasTitle } from "../../../src/verify/ifeval/lines.ts";

test("placeholders close on their line", () => {
  expect(countPlaceholders("[a] [] [[b]] [c\nd] [e")).toBe(3);
});

test("bullets are lines that begin with one star or a dash, white space before them", () => {
  expect(countBullets("* a\n- b\n  * c\n** d\n*e*\n\n\n\t-f\n+ g\na - b")).toBe(5);
  expect(countBullets("*\n* a\n*")).toBe(1);
  expect(countBullets("**\n- a")).toBe(1);
  expect(countBullets("")).toBe(0);
});

test("highlights have something in them; those between two stars are found apart", () => {
  expect(countHighlights("*a* **b** * * **")).toBe(2);
});

test("a title has something in it", () => {
  expect(["<<a>>", "x <<<a>> y", "<<>> <<a>>"].map(hasTitle)).toEqual([true, true, true]);
  expect(["<<>>", "<< >>", "<<a\n>>", "<a>", ">>a<<"].map(hasTitle)).toEqual([false, false, false, false, false]);
});

test("texts of a million marks take no longer than others", () => {
  const start = performance.now();
  for (const mark of ["[", "<<", "*", "\n", "- \n", "**a"]) {
    const text = mark.repeat(1_000_000);
    for (const search of [countPlaceholders, countBullets, countHighlights, hasTitle]) search(text);
  }
  // Time that grew with the square would be hours; the bound is that of a slow machine.
  expect(performance.now() - start).toBeLessThan(20_000);
});
