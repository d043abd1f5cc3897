import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { floatRepr, split, stringRepr, strip } from "../../src/text/python-text.ts";

describe("floatRepr writes floats as Python's repr", () => {
  // the right column is CPython's
  test.each([
    [1, "1.0"],
    [-0, "-0.0"],
    [0.1, "0.1"],
    [-1.5, "-1.5"],
    [1e15, "1000000000000000.0"],
    [9999999999999998, "9999999999999998.0"],
    [1e16, "1e+16"],
    [123456789012345680, "1.2345678901234568e+17"],
    [1e22, "1e+22"],
    [1e-4, "0.0001"],
    [1.5e-4, "0.00015"],
    [1e-5, "1e-05"],
    [1.25e-7, "1.25e-07"],
    [5e-324, "5e-324"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
    [100, "100.0"],
    [123.456, "123.456"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
    [NaN, "nan"],
  ])("%d is %s", (x, text) => {
    expect(floatRepr(x)).toBe(text);
  });

  test("every float64 reads back from it, and none looks like an int", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(Number(floatRepr(x))).toBe(x);
        expect(floatRepr(x)).toMatch(/[.e]/);
      }),
      { numRuns: 2000 },
    );
  });
});

test("stringRepr quotes and escapes as Python's repr", () => {
  expect(stringRepr("it's")).toBe(`"it's"`);
  expect(stringRepr(`it's "x"`)).toBe(`'it\\'s "x"'`);
  expect(stringRepr("\u0000\u007f\u00a0\u200b\u{e0001}é😀\n\\")).toBe("'\\x00\\x7f\\xa0\\u200b\\U000e0001é😀\\n\\\\'");
});

test("strip takes Python's white space: U+0085 and U+001C, not U+FEFF", () => {
  expect(strip("\u0085\u001c a\u3000", "both")).toBe("a");
  expect(strip("\ufeffa", "left")).toBe("\ufeffa");
  expect(strip("\n a \n", "left", "\n")).toBe(" a \n");
  expect(strip("😀a😀", "right", "😀")).toBe("😀a");
});

test("split cuts at most as often as told, and keeps white space after the last cut", () => {
  expect(split("a b  c ", undefined, 1)).toEqual(["a", "b  c "]);
  expect(split(" a b ", undefined, -1)).toEqual(["a", "b"]);
  expect(split("a,b,c", ",", 1)).toEqual(["a", "b,c"]);
  expect(split("", undefined, -1)).toEqual([]);
});
