import { expect, test } from "vitest";
import { binary, sign, used } from "../../../src/text/jinja/operators.ts";
import { Undefined } from "../../../src/text/jinja/value.ts";

test("ints stay exact, and become floats only beside a float or a division", () => {
  expect(binary("+", 2n ** 64n, 1n)).toBe(18446744073709551617n);
  expect(binary("+", 1n, 1)).toBe(2);
  expect(binary("/", 4n, 2n)).toBe(2);
});

test("// and % round down, as Python's do", () => {
  expect([binary("//", -7n, 2n), binary("%", -7n, 2n), binary("//", 7n, -2n), binary("%", 7n, -2n)]).toEqual([
    -4n,
    1n,
    -4n,
    -1n,
  ]);
  expect([binary("//", -7.5, 2n), binary("%", -7.5, 2n)]).toEqual([-4, 0.5]);
});

test.each([
  ["+", "a", 1n, "str + int"],
  ["+", 1n, "a", "int + str"],
  ["+", null, "a", "None + str"],
  ["-", "a", "b", "str - str"],
  ["/", 1n, 0n, "a division by zero"],
  ["<", "a", 1n, "'<' between str and int"],
  ["in", 1n, "a", "int looked for in str"],
  ["+", new Undefined("dict without 'content'"), "a", "dict without 'content'"],
] as const)("%s is refused where Python refuses it", (operator, a, b, reason) => {
  expect(() => binary(operator, a, b)).toThrow(`got ${reason}.`);
});

test("used gives every value but an undefined one, sign only numbers", () => {
  expect(used(null)).toBeNull();
  expect(() => used(new Undefined("'x' is undefined"))).toThrow("'x' is undefined");
  expect(sign("-", true)).toBe(-1n);
  expect(() => sign("-", "a")).toThrow("- before str");
});
