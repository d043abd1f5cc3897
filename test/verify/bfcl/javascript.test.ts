import { expect, test } from "vitest";
import { javascriptValue } from "../../../src/verify/bfcl/javascript.ts";
import { PyFloat } from "../../../src/verify/python/value.ts";

test("literals are read by their type; what is none stays a text", () => {
  expect(["'a'", '"a"', "a", "'a\""].map((text) => javascriptValue(text, "String"))).toEqual(["a", "a", "a", "'a\""]);
  expect([
    javascriptValue("5", "integer"),
    javascriptValue("5n", "Bigint"),
    javascriptValue("5.5", "float"),
    javascriptValue("5e1", "float"),
  ]).toEqual([5n, 5n, new PyFloat(5.5), "5e1"]);
  expect([javascriptValue("true", "Boolean"), javascriptValue("yes", "Boolean")]).toEqual([true, "yes"]);
});

test("arrays and objects are taken apart", () => {
  expect(javascriptValue("[1, 'two', true]", "array")).toEqual([1n, "two", true]);
  expect(javascriptValue("new Array(1.5, 2)", "array", "float")).toEqual([new PyFloat(1.5), new PyFloat(2)]);
  expect(javascriptValue("[ [1, 2], [3]]", "array", "array")).toEqual([[1n, 2n], [3n]]);
  expect(javascriptValue("{a: 1, 'b': [1, 2], c: 'x'}", "dict")).toEqual(
    new Map<string, unknown>([
      ["a", 1n],
      ["b", [1n, 2n]],
      ["c", "x"],
    ]),
  );
  expect([
    javascriptValue("[]", "array", "float"),
    javascriptValue("{}", "dict"),
    javascriptValue("x", "dict"),
  ]).toEqual([[], new Map(), "x"]);
});
