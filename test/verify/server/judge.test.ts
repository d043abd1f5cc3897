import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sameText, sameValue } from "../../../src/verify/server/judge.ts";

describe("a result is what was expected", () => {
  it.each([
    [1, 1, true],
    [-0, 0, true],
    [1, "1", false],
    [0, false, false],
    [null, 0, false],
    [[1, [2]], [1, [2]], true],
    [[1, 2], [1, 2, 3], false],
    [[], {}, false],
    [{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [{ a: 1 }, { b: 1 }, false],
    [0.1 + 0.2, 0.3, false],
  ])("%j for %j: %s", (actual, expected, same) => {
    expect(sameValue(actual, expected)).toBe(same);
  });

  it("for every value JSON can hold and itself, and for no two that differ", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => sameValue(value as never, structuredClone(value) as never)));
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const byKey = ([x]: [string, unknown], [y]: [string, unknown]) => (x < y ? -1 : 1);
        const keys = (_: string, v: unknown) =>
          typeof v === "object" && v !== null && !Array.isArray(v)
            ? Object.fromEntries(Object.entries(v).sort(byKey))
            : v;
        const same = JSON.stringify(a, keys) === JSON.stringify(b, keys);
        return sameValue(a as never, b as never) === same;
      }),
    );
  });
});

it("an output is what was expected, but for spaces at the ends of lines and empty lines at the end", () => {
  expect(sameText("1 2 \n3\n\n", "1 2\n3")).toBe(true);
  expect(sameText("1\r\n2\r\n", "1\n2\n")).toBe(true);
  expect(sameText("1  2", "1 2")).toBe(false);
  expect(sameText(" 1", "1")).toBe(false);
  expect(sameText("1\n\n2", "1\n2")).toBe(false);
});

it("with numbers, lines of numbers are compared by their values, exactly", () => {
  expect(sameText("1.0 2e3\n-0.50", "1 2000.00\n-.5", true)).toBe(true);
  expect(sameText(" yes\n1", "yes\n1.", true)).toBe(true);
  expect(sameText("0.0", "-0", true)).toBe(true);
  expect(sameText("50000000000000000", "50000000000000001", true)).toBe(false);
  expect(sameText("1 2", "1 2 3", true)).toBe(false);
  expect(sameText("yes", "no", true)).toBe(false);
  expect(sameText("1.0", "1", false)).toBe(false);
  expect(sameText(". .", "0 0", true)).toBe(false);
  expect(sameText(`1${"0".repeat(20_000)}.0`, `1${"0".repeat(20_000)}`, true)).toBe(false);
});
