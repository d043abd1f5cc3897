import { expect, test } from "vitest";
import { attribute, item, slice } from "../../../src/text/jinja/attributes.ts";
import { Callable, Undefined } from "../../../src/text/jinja/value.ts";

const dict = new Map([
  ["items", null],
  ["a", null],
]);

test("a dot finds the method before the key, brackets the key before the method", () => {
  expect(attribute(dict, "items")).toBeInstanceOf(Callable);
  expect(item(dict, "items")).toBeNull();
  expect(item(dict, "keys")).toBeInstanceOf(Callable);
});

test("a key that is None is found, one that is absent is undefined", () => {
  expect(attribute(dict, "a")).toBeNull();
  expect(attribute(dict, "b")).toBeInstanceOf(Undefined);
  expect(() => attribute(attribute(dict, "b"), "c")).toThrow("got dict without 'b'.");
});

test("JavaScript's own properties are not there", () => {
  for (const name of ["constructor", "__proto__", "length", "toString"]) {
    for (const object of [dict, "a", [1n], 5n]) expect(attribute(object, name)).toBeInstanceOf(Undefined);
  }
});

test("indices and slices count code points, also from the end", () => {
  expect(item("a😀b", 1n)).toBe("😀");
  expect(item("a😀b", -1n)).toBe("b");
  expect(item("ab", 2n)).toBeInstanceOf(Undefined);
  expect(slice("a😀b", 1n, null, null)).toBe("😀b");
  expect(slice([1n, 2n, 3n], null, null, -1n)).toEqual([3n, 2n, 1n]);
  expect(() => slice("a", null, null, 0n)).toThrow("step 0");
});
