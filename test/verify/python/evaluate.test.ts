import { expect, test } from "vitest";
import { evaluate } from "../../../src/verify/python/evaluate.ts";
import { parseExpression } from "../../../src/verify/python/parse.ts";
import { repr } from "../../../src/verify/python/unparse.ts";

const value = (text: string) => repr(evaluate(parseExpression(text)));

test("sums, products and powers are Python's", () => {
  const pairs: [string, string][] = [
    ["1 + 2 * 3 - 4", "3"],
    ["-7 // 2", "-4"],
    ["-7 % 3", "2"],
    ["7 / 2", "3.5"],
    ["2 ** 70", "1180591620717411303424"],
    ["2 ** -1", "0.5"],
    ["-7.5 // 2", "-4.0"],
    ["-7.5 % 2", "0.5"],
    ["0.1 + 0.2", "0.30000000000000004"],
    ["1 << 3 | 1", "9"],
    ["True + ~1", "-1"],
    ["'a' * 3 + 'b'", "'aaab'"],
    ["[1] * 2 + [3]", "[1, 1, 3]"],
    ["(1,) + (2,)", "(1, 2)"],
    ["not []", "True"],
  ];
  for (const [text, expected] of pairs) expect(value(text), text).toBe(expected);
});

test("what has no value, or one too large, is an error", () => {
  for (const text of [
    "1 / 0",
    "1 % 0",
    "x + 1",
    "'a' + 1",
    "9 ** 9 ** 9",
    "'a' * 10 ** 9",
    "1 << 10 ** 9",
    "(-8) ** 0.5",
    "1.5 | 1",
    "2.0 ** 5000",
  ]) {
    expect(() => value(text), text).toThrow(/^Python expression: expected/);
  }
});
