import { expect, it } from "vitest";
import { literal } from "../../../src/verify/python/literal.ts";
import { PyFloat, PyOther, PyTuple } from "../../../src/verify/python/value.ts";

// Each as `ast.literal_eval` of CPython 3.11 has it.
it.each([
  [
    "{'a': 1, \"b\": [2.0, None]}",
    new Map<unknown, unknown>([
      ["a", 1n],
      ["b", [new PyFloat(2), null]],
    ]),
  ],
  ["\n\n{'a': -1}", new Map([["a", -1n]])],
  ["  \t(1,)", new PyTuple([1n])],
  ["# first\n'a' 'b'", "ab"],
  ["{1: 'x', True: 'y'}", new Map([[1n, "y"]])],
  ["set()", new PyOther("set", "set()")],
])("%j", (text, value) => {
  expect(literal(text)).toEqual(value);
});

it.each(["", "x", "f()", "1 + 1", "{**{}}", "{[1]: 2}", "{{1}: 2}", "\n  1", "-True", "[1] + [2]", "{'a': x}", "1\n2"])(
  "%j is none",
  (text) => {
    expect(() => literal(text)).toThrow(/expected/);
  },
);
