import { expect, test } from "vitest";
import { callValue, evaluate } from "../../../src/text/jinja/evaluate.ts";
import { Run, Scope } from "../../../src/text/jinja/scope.ts";
import { parseTemplate, type Expression } from "../../../src/text/jinja/tree.ts";
import { Undefined, type Value } from "../../../src/text/jinja/value.ts";

function value(expression: string): Value {
  const [node] = parseTemplate(`{{ ${expression} }}`);
  return evaluate(node as Expression, new Scope(), new Run()); // a template of one {{ }} is one expression
}

test("and, or and the two ifs evaluate only the side they need", () => {
  expect(value("false and nothing.x")).toBe(false);
  expect(value("'a' or nothing.x")).toBe("a");
  expect(value("1 if true else nothing.x")).toBe(1n);
  expect(value("nothing.x if false")).toBeInstanceOf(Undefined);
});

test("literals are Python's: ints exact, floats floats, dicts in order", () => {
  expect(value("[1, 1.0, 'a', none, True]")).toEqual([1n, 1, "a", null, true]);
  expect(value("{'b': 1, 'a': 2}")).toEqual(
    new Map([
      ["b", 1n],
      ["a", 2n],
    ]),
  );
  expect(() => value("9007199254740993")).toThrow("an integer literal beyond 2^53 - 1");
});

test("only functions are called", () => {
  expect(() => callValue("a", [], new Map())).toThrow("a call of str");
  expect(() => callValue(new Undefined("'f' is undefined"), [], new Map())).toThrow("'f' is undefined");
});

test("a filter is a name or a call of one; an attribute after the call, which Jinja2 refuses, is refused", () => {
  expect(value("'a' | upper")).toBe("A");
  expect(() => value("'a' | replace('a', 'b').name")).toThrow("a filter that is not a name");
});
