import { expect, test } from "vitest";
import { applyFilter } from "../../../src/text/jinja/filters.ts";
import { Undefined, type Value } from "../../../src/text/jinja/value.ts";

const filter = (name: string, value: Value, ...args: Value[]) => applyFilter(name, value, args, new Map());

test("default stands in for an undefined value, for a false one only when told, and may be None", () => {
  const absent = new Undefined("x");
  expect([filter("default", absent), filter("default", absent, null), filter("default", "", "d")]).toEqual([
    "",
    null,
    "",
  ]);
  expect([filter("default", "", "d", true), filter("d", null, "d")]).toEqual(["d", null]);
});

test("sort is stable and without case unless told", () => {
  expect(filter("sort", ["b", "A", "a", "C"])).toEqual(["A", "a", "b", "C"]);
  expect(filter("sort", ["b", "A"], true)).toEqual(["b", "A"]);
});

test("tojson takes transformers' arguments in their order", () => {
  expect(filter("tojson", ["é", 1], false, 2n)).toBe('[\n  "é",\n  1.0\n]');
});

test("a filter that is not there is refused by name", () => {
  expect(() => filter("urlize", "a")).toThrow('got the filter "urlize".');
});
