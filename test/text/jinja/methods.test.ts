import { expect, test } from "vitest";
import { dictMethod, joined, listMethod, pairs, replace, stringMethod } from "../../../src/text/jinja/methods.ts";
import { Callable, Undefined, type Value } from "../../../src/text/jinja/value.ts";

function call(method: Value | undefined, ...args: Value[]): Value {
  if (method instanceof Callable) return method.call(args, new Map());
  throw new Error("not a method");
}

test("lstrip takes only the characters given, which QwQ's template relies on", () => {
  expect(call(stringMethod("\n\n  a", "lstrip"), "\n")).toBe("  a");
});

test("split and rsplit cut from their own side", () => {
  expect(call(stringMethod("a.b.c", "split"), ".", 1n)).toEqual(["a", "b.c"]);
  expect(call(stringMethod("a.b.c", "rsplit"), ".", 1n)).toEqual(["a.b", "c"]);
});

test("methods that change their object are undefined, others Python has are refused when called", () => {
  expect(dictMethod(new Map(), "update")).toBeInstanceOf(Undefined);
  expect(listMethod([], "append")).toBeInstanceOf(Undefined);
  expect(() => call(stringMethod("a", "zfill"), 3n)).toThrow("str.zfill()");
  expect(stringMethod("a", "nonsense")).toBeUndefined();
});

test("get gives None where nothing else is told, and a None that is there", () => {
  const dict = new Map([["a", null]]);
  expect([call(dictMethod(dict, "get"), "b"), call(dictMethod(dict, "get"), "a", 1n)]).toEqual([null, null]);
  expect(call(dictMethod(dict, "get"), "b", 1n)).toBe(1n);
});

test("replace, joined and pairs do as str.replace, str.join and dict.items", () => {
  expect([replace("aXbX", "X", "-", 1n), replace("ab", "", "-", -1n), replace("ab", "", "-", 1n)]).toEqual([
    "a-bX",
    "-a-b-",
    "-ab",
  ]);
  expect(joined(["a", "b"], ", ")).toBe("a, b");
  expect(pairs(new Map([["a", 1n]]))).toEqual([["a", 1n]]);
});

test("a result longer than a prompt can be is refused before it is made", () => {
  expect(() => replace("x".repeat(10_000), "x", "y".repeat(10_000), -1n)).toThrow("lengths of at most");
});
