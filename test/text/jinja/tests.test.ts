import { expect, test } from "vitest";
import { applyTest } from "../../../src/text/jinja/tests.ts";
import { Undefined, type Value } from "../../../src/text/jinja/value.ts";

const passing = (value: Value) =>
  ["defined", "none", "string", "number", "integer", "float", "boolean", "mapping", "sequence", "iterable"].filter(
    (name) => applyTest(name, value, []),
  );

test("values pass the tests Jinja2 lets them pass", () => {
  expect(passing("a")).toEqual(["defined", "string", "sequence", "iterable"]);
  expect(passing(true)).toEqual(["defined", "number", "boolean"]);
  expect(passing(1n)).toEqual(["defined", "number", "integer"]);
  expect(passing(1)).toEqual(["defined", "number", "float"]);
  expect(passing(null)).toEqual(["defined", "none"]);
  expect(passing(new Map())).toEqual(["defined", "mapping", "sequence", "iterable"]);
  expect(passing(new Undefined("x"))).toEqual(["sequence", "iterable"]);
});

test("a test that is not there, or has no argument, is refused", () => {
  expect(() => applyTest("escaped", "a", [])).toThrow('the test "escaped"');
  expect(() => applyTest("eq", "a", [])).toThrow("a test without its argument");
});
