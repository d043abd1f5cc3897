import { expect, test } from "vitest";
import { repr, str } from "../../../src/text/jinja/print.ts";
import { Callable, Namespace, Tuple, Undefined, type Value } from "../../../src/text/jinja/value.ts";

test("str prints values as Python does", () => {
  expect([null, true, 5n, 5, "a'b", new Undefined("x")].map(str)).toEqual(["None", "True", "5", "5.0", "a'b", ""]);
});

test("repr prints containers with their strings quoted", () => {
  expect(repr([null, "a'b", Tuple.of(1n), Tuple.of<Value>(1n, 2), new Map([["k", ["\n"]]])])).toBe(
    `[None, "a'b", (1,), (1, 2.0), {'k': ['\\n']}]`,
  );
});

test("functions and namespaces do not print", () => {
  expect(() => str(new Callable(() => null))).toThrow("a function printed");
  expect(() => str([new Namespace(new Map(), true)])).toThrow("a namespace printed");
});
