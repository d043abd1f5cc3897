import { expect, test } from "vitest";
import {
  equal,
  get,
  isIn,
  PyFloat,
  PyOther,
  PyTuple,
  typeName,
  type PyValue,
} from "../../../src/verify/python/value.ts";

const dict = (...fields: [PyValue, PyValue][]) => new Map(fields);

test("equality is Python's", () => {
  const same: [PyValue, PyValue][] = [
    [1n, new PyFloat(1)],
    [true, 1n],
    [false, new PyFloat(0)],
    [
      [1n, "a"],
      [true, "a"],
    ],
    [new PyTuple([1n]), new PyTuple([new PyFloat(1)])],
    [dict(["a", 1n], ["b", 2n]), dict(["b", 2n], ["a", 1n])],
    [dict([1n, "x"]), dict([true, "x"])],
    [null, null],
  ];
  for (const [a, b] of same) expect(equal(a, b)).toBe(true);
  const other: [PyValue, PyValue][] = [
    [2n ** 53n + 1n, new PyFloat(2 ** 53)],
    ["1", 1n],
    [[1n], new PyTuple([1n])],
    [[1n], [1n, 2n]],
    [dict(["a", 1n]), dict(["a", 1n], ["b", 1n])],
    [null, false],
    [new PyFloat(NaN), new PyFloat(NaN)],
    [new PyOther("bytes", "b'a'"), "a"],
  ];
  for (const [a, b] of other) expect(equal(a, b)).toBe(false);
});

test("lists find what is equal, dicts what is under an equal key", () => {
  expect(isIn(1n, ["1", true])).toBe(true);
  expect(isIn("a", [])).toBe(false);
  expect(get(dict([true, "x"]), 1n)).toBe("x");
  expect(get(dict(["a", "x"]), "b")).toBeUndefined();
});

test("types have Python's names", () => {
  const values: PyValue[] = [null, true, "", 1n, new PyFloat(1), [], new PyTuple([]), dict(), new PyOther("bytes", "")];
  expect(values.map(typeName)).toEqual(["NoneType", "bool", "str", "int", "float", "list", "tuple", "dict", "bytes"]);
});
