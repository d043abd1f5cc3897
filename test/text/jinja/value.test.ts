import fc from "fast-check";
import { expect, test } from "vitest";
import { QwqError } from "../../../src/errors.ts";
import {
  compare,
  equal,
  iterate,
  limitLength,
  LARGEST,
  truth,
  Tuple,
  Undefined,
  type Value,
} from "../../../src/text/jinja/value.ts";

const absent = new Undefined("x");

test("truth is Python's: empty, zero and undefined are false, NaN is true", () => {
  const falsy: Value[] = [null, false, 0n, 0, -0, "", [], new Map(), absent];
  expect(falsy.map(truth)).toEqual(falsy.map(() => false));
  expect([NaN, " ", [null], new Map([["", null]]), -1n].map(truth)).toEqual([true, true, true, true, true]);
});

test("numbers are equal by value whatever their type, exactly", () => {
  expect([equal(1n, 1), equal(true, 1n), equal(2n ** 53n + 1n, 2 ** 53), equal("1", 1n), equal(null, false)]).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("lists and dicts are equal by their elements, a tuple and a list never", () => {
  expect(equal([1n, ["a"]], [1, ["a"]])).toBe(true);
  expect(equal(Tuple.of(1n), [1n])).toBe(false);
  expect(
    equal(
      new Map([
        ["a", 1n],
        ["b", 2n],
      ]),
      new Map([
        ["b", 2n],
        ["a", 1n],
      ]),
    ),
  ).toBe(true);
});

test("strings are ordered by code points, where JavaScript's < has U+FB01 after U+1F600", () => {
  expect(compare("\ufb01", "😀")).toBeLessThan(0);
  expect("\ufb01" < "😀").toBe(false);
});

test("the order of strings is one: antisymmetric, and zero only for equal ones", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      expect(Math.sign(compare(a, b))).toBe(0 - Math.sign(compare(b, a)));
      expect(compare(a, b) === 0).toBe(a === b);
    }),
  );
});

test("what has no order or no elements is refused", () => {
  expect(() => compare(1n, "a")).toThrow(QwqError);
  expect(() => compare(null, null)).toThrow(QwqError);
  expect(() => iterate(5n)).toThrow(QwqError);
  expect(iterate("a😀")).toEqual(["a", "😀"]);
});

test("lengths end at 2^24", () => {
  expect(() => limitLength(LARGEST)).not.toThrow();
  expect(() => limitLength(LARGEST + 1)).toThrow("lengths of at most 16777216, got 16777217");
});
