import { expect, it } from "vitest";
import { quote } from "../../src/json/quote.ts";

it.each([
  ["model.layers.0.weight", '"model.layers.0.weight"'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ["\0\n\x1b[31m", '"\\u{0}\\u{a}\\u{1b}[31m"'],
  ["a\u202eb\ufeff", '"a\\u{202e}b\\u{feff}"'],
  ["\ud800é你😀", '"\\u{d800}é你😀"'],
])("quote(%j) shows everything that a terminal would not", (text, expected) => {
  expect(quote(text)).toBe(expected);
});

it("cuts after 80 characters", () => {
  expect(quote("x".repeat(81))).toBe(`"${"x".repeat(80)}..."`);
});
