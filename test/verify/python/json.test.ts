import { expect, test } from "vitest";
import { isJson, loads } from "../../../src/verify/python/json.ts";
import { PyFloat } from "../../../src/verify/python/value.ts";

test("values keep their kinds: whole numbers of any size, floats, keys in order, the last of two equal keys", () => {
  expect(loads(' {"a": 1, "b": [1.0, -0, 12345678901234567890], "a": "\\u00e9\\ud83d\\ude00\\n"}\r\n')).toEqual(
    new Map<string, unknown>([
      ["a", "\u00e9\ud83d\ude00\n"],
      ["b", [new PyFloat(1), 0n, 12345678901234567890n]],
    ]),
  );
  expect(loads("[NaN, Infinity, -Infinity, 1e400]")).toEqual(
    [NaN, Infinity, -Infinity, Infinity].map((x) => new PyFloat(x)),
  );
  expect(loads('"\\ud800"')).toBe("\ud800");
});

test("what Python refuses is refused", () => {
  const bad = [
    "",
    " ",
    "{'a': 1}",
    '{"a": 1,}',
    "[1,]",
    "01",
    "+1",
    ".5",
    "1.",
    "nul",
    '"a\tb"',
    '"\\x"',
    '"\\u12g4"',
    '"a',
    "\ufeff1",
    "\u00a01",
    "1 2",
    "{1: 2}",
  ];
  for (const text of bad) expect(isJson(text), text).toBe(false);
  expect(isJson("9".repeat(4300))).toBe(true);
  expect(isJson(`-${"9".repeat(4300)}`)).toBe(true);
  expect(isJson("9".repeat(4301))).toBe(false);
});

test("depth has a limit, so that the stack has none to meet", () => {
  expect(isJson("[".repeat(800) + "]".repeat(800))).toBe(true);
  expect(isJson("[".repeat(100_000) + "]".repeat(100_000))).toBe(false);
  expect(() => loads("[1")).toThrow('json: expected "," or "]", got "" (at byte 2).');
});
