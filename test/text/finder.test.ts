import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Finder } from "../../src/text/finder.ts";

const finder = (texts: readonly string[]) =>
  new Finder(texts.map((content, id) => [content, { id, content, special: true }]));
const found = (texts: readonly string[], text: string) =>
  [...finder(texts).matches(text)].map(({ index, length, token }) => [index, length, token.content]);

/** The same by a pattern of alternatives, the longer ones first. */
function byPattern(texts: readonly string[], text: string) {
  if (texts.length === 0) return [];
  const sorted = [...new Set(texts)].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(sorted.map((one) => one.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|"), "gu");
  return [...text.matchAll(pattern)].map((match) => [match.index, match[0].length, match[0]]);
}

describe("Finder", () => {
  test("finds the leftmost token, and of those that begin there the longest", () => {
    expect(found(["<a>", "<a>b", "b"], "x<a>b<a>")).toEqual([
      [1, 4, "<a>b"],
      [5, 3, "<a>"],
    ]);
    expect(found(["aab", "a"], "aaab")).toEqual([
      [0, 1, "a"],
      [1, 3, "aab"],
    ]);
  });

  test("finds none where there are none, and none in nothing", () => {
    expect(found([], "abc")).toEqual([]);
    expect(found(["a"], "")).toEqual([]);
    expect(found(["abc"], "ab")).toEqual([]);
  });

  test("finds what a pattern of alternatives finds, in 2,000 texts", () => {
    const letters = fc.string({
      unit: fc.constantFrom("a", "b", "<", "|", "é", "\u{1f600}", "\u{1f601}"),
      maxLength: 12,
    });
    const token = letters.filter((text) => text !== "").map((text) => [...text].slice(0, 4).join(""));
    const same = fc.property(fc.array(token, { maxLength: 8 }), letters, (texts, text) => {
      expect(found(texts, text)).toEqual(byPattern(texts, text));
    });
    fc.assert(same, { numRuns: 2000 });
  });

  test("of 100,000 tokens none is tried that cannot match; a pattern of them all takes minutes", () => {
    const texts = Array.from({ length: 100_000 }, (_, i) => `<|${i}|${"x".repeat(50)}>`);
    const text = `<|9|<|99999|${"x".repeat(50)}>`.repeat(1500);
    expect(found(texts, text)).toHaveLength(1500);
  });
});
