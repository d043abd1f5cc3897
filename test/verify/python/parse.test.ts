import { expect, test } from "vitest";
import { parseExpression } from "../../../src/verify/python/parse.ts";
import { repr, unparse } from "../../../src/verify/python/unparse.ts";
import { PyFloat, PyOther, PyTuple } from "../../../src/verify/python/value.ts";

const again = (text: string) => unparse(parseExpression(text));

test("what is parsed is written as ast.unparse writes it", () => {
  const same = [
    "f(1, x.y, *z, a='b', **c)",
    "[1, 2.5, (1,), (), {'k': [True, None]}, {1, 2}]",
    "x[1:2, ::3][-1]",
    "(1 + 2) * 3 - 4 // 5",
    "--1 + (not x)",
    "1 .real",
    "a.b(c)[0].d",
  ];
  for (const text of same) expect(again(text)).toBe(text);
  expect(again("f( 1,x , a = 'it\\'s' \"!\" )")).toBe('f(1, x, a="it\'s!")');
  expect(again("0x1F + 0b11 + 1_000")).toBe("31 + 3 + 1000");
  expect(again("x[1:]")).toBe("x[1:]");
});

test("values are written as repr writes them", () => {
  const values = [
    null,
    true,
    5n,
    new PyFloat(1),
    new PyFloat(1e16),
    new PyFloat(1e-5),
    new PyFloat(-0),
    "a'b",
    "a'\"\n\x00\u200b",
  ];
  expect(values.map(repr)).toEqual([
    "None",
    "True",
    "5",
    "1.0",
    "1e+16",
    "1e-05",
    "-0.0",
    '"a\'b"',
    "'a\\'\"\\n\\x00\\u200b'",
  ]);
  expect(repr([new PyTuple([1n]), new Map([["a", [new PyOther("bytes", "x")]]])])).toBe("[(1,), {'a': [b'x']}]");
});

test("what Python refuses is refused, with the place", () => {
  const bad = [
    "",
    "f(",
    "f(a=1, 2)",
    "f(a.b=1)",
    "01",
    "1a",
    "'x",
    "f(class=1)",
    "[1 2]",
    "{1: 2, 3}",
    "x[]",
    "a b",
    "f(**b, *c)",
    "(*x)",
    "b'\u00e9'",
    "'\\x4'",
    "b'a' 'b'",
    "f(=1)",
    "?",
    "a\nb",
    ")",
    "(]",
  ];
  for (const text of bad) expect(() => parseExpression(text), text).toThrow(/^Python expression: expected/);
  expect(() => parseExpression("f(a=1 b=2)")).toThrow('Python expression: expected ",", got "b=2)" (at byte 6).');
});

test("depth has a limit, so that the stack has none to meet", () => {
  const bad = [
    "[".repeat(100_000),
    "-".repeat(100_000) + "1",
    "not ".repeat(100_000) + "1",
    "2**".repeat(100_000) + "1",
    "1 if 1 else ".repeat(100_000) + "1",
    "lambda:".repeat(100_000) + "1",
  ];
  for (const text of bad)
    expect(() => parseExpression(text), text.slice(0, 20)).toThrow(/^Python expression: expected/);
  expect(parseExpression(`${"1+".repeat(10_000)}1`).kind).toBe("binary");
});
