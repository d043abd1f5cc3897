import { expect, test } from "vitest";
import {
  isLower,
  isSpace,
  isUpper,
  removePrefix,
  removeSuffix,
  splitSpace,
  strip,
  stripEnd,
  stripStart,
} from "../../../src/verify/python/text.ts";

test("white space is Python's: with the separators of ASCII and U+0085, without U+FEFF", () => {
  for (const space of ["\t", "\v", "\x1c", "\x1f", "\x85", "\xa0", "\u1680", "\u2028", "\u3000"]) {
    expect(isSpace(space), JSON.stringify(space)).toBe(true);
    expect(`a${space}b`.split(/\s/).length > 1, JSON.stringify(space)).toBe(!["\x1c", "\x1f", "\x85"].includes(space));
  }
  for (const other of ["\ufeff", "\u200b", "\u180e", "a"]) expect(isSpace(other), JSON.stringify(other)).toBe(false);
  expect(strip("\x1c\x85 a b\u3000\n")).toBe("a b");
  expect(splitSpace(" a\x1cb  c\n")).toEqual(["a", "b", "c"]);
});

test("characters are stripped at one end or both", () => {
  expect(strip('"""a"b"', '"')).toBe('a"b');
  expect(stripStart("<<a<", "<")).toBe("a<");
  expect(stripEnd("a>>", ">")).toBe("a");
  expect(removePrefix("```json", "```")).toBe("json");
  expect(removeSuffix("a```", "```")).toBe("a");
  expect(removeSuffix("a", "")).toBe("a");
});

test("a text is in capitals where something has a case and nothing another", () => {
  expect(["A1 B!", "\u2160", "\u00dc"].every(isUpper)).toBe(true);
  expect(["", "12", "Ab", "\u01c5", "A\u00aa", "\u4f60"].some(isUpper)).toBe(false);
  expect(["a1", "\u00df", "\u2170"].every(isLower)).toBe(true);
  expect(["", "A", "a\u01c5"].some(isLower)).toBe(false);
});
