import { expect, test } from "vitest";
import { readFloat, readInt } from "../../../src/verify/python/number.ts";

test("whole numbers as int() reads them", () => {
  expect([" 12\n", "-1_000", "+0", "\u0663\u0664", "\uff11"].map(readInt)).toEqual([12n, -1000n, 0n, 34n, 1n]);
  expect(["", "1.0", "1__0", "_1", "0x1", "1e3", "--1", "9".repeat(4301)].map(readInt)).toEqual(
    Array.from({ length: 8 }, () => undefined),
  );
});

test("floats as float() reads them", () => {
  expect(["1", "-.5", "5.", "1_0.0_1e-1_0", " inf ", "-Infinity", "\u0661.5"].map(readFloat)).toEqual([
    1,
    -0.5,
    5,
    10.01e-10,
    Infinity,
    -Infinity,
    1.5,
  ]);
  expect(readFloat("NaN")).toBeNaN();
  expect(["", ".", "1e", "0x1p3", "1._0", "1 2"].map(readFloat)).toEqual(Array.from({ length: 6 }, () => undefined));
});
