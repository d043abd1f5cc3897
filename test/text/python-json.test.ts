import fc from "fast-check";
import { expect, test } from "vitest";
import { QwqError } from "../../src/errors.ts";
import { pythonJson } from "../../src/text/python-json.ts";
import { Undefined, type Value } from "../../src/text/jinja/value.ts";

const sample: Value = new Map<string, Value>([
  ["b", [1n, 1, 1e16, 1e-7, 2n ** 70n, true, null]],
  ["a", "é</b>&'\"\\\n\u0001\u007f\u2028😀"],
]);

test("pythonJson writes what json.dumps(ensure_ascii=False) writes", () => {
  expect(pythonJson(sample)).toBe(
    '{"b": [1, 1.0, 1e+16, 1e-07, 1180591620717411303424, true, null], "a": "é</b>&\'\\"\\\\\\n\\u0001\u007f\u2028😀"}',
  );
  expect(pythonJson([NaN, -Infinity])).toBe("[NaN, -Infinity]");
});

test("with ascii, indent, separators and sorted keys as json.dumps has them", () => {
  expect(pythonJson("é\u007f😀", { ascii: true })).toBe('"\\u00e9\\u007f\\ud83d\\ude00"');
  expect(pythonJson([1n, [], new Map([["a", new Map()]])], { indent: "  " })).toBe(
    '[\n  1,\n  [],\n  {\n    "a": {}\n  }\n]',
  );
  expect(pythonJson([1n, 2n], { indent: "" })).toBe("[\n1,\n2\n]");
  expect(
    pythonJson(
      new Map<string, Value>([
        ["b", 1n],
        ["a", 2n],
      ]),
      { sortKeys: true, separators: [",", ":"] },
    ),
  ).toBe('{"a":2,"b":1}');
});

test("an undefined value is an error, as in Python", () => {
  expect(() => pythonJson([new Undefined("x")])).toThrow(QwqError);
});

test("what it writes of strings and arrays, JSON.parse reads back", () => {
  const tree = fc.letrec<{ tree: Value }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: "grapheme" }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("tree"), { maxLength: 4 }),
    ),
  })).tree;
  fc.assert(
    fc.property(tree, fc.boolean(), (value, ascii) => {
      expect(JSON.parse(pythonJson(value, { ascii }))).toEqual(value);
    }),
  );
});
