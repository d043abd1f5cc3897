import fc from "fast-check";
import { expect, test } from "vitest";
import { plain, readNumber, runs, same } from "../../src/verify/number.ts";

const value = (text: string) => {
  const number = readNumber(text);
  return number === undefined ? undefined : [Number(number.over), Number(number.under)];
};

test.each([
  ["933", 933, 1],
  ["-239", -239, 1],
  ["+5", 5, 1],
  ["\u2212239", -239, 1],
  ["\uff19\uff13\uff13", 933, 1],
  ["\uff0d\uff11\uff12", -12, 1],
  ["1,234", 1234, 1],
  ["12,345,678.5", 24691357, 2],
  ["1{,}234", 1234, 1],
  ["007", 7, 1],
  ["-0", 0, 1],
  ["0.5", 1, 2],
  [".5", 1, 2],
  ["0.50", 1, 2],
  ["1/2", 1, 2],
  ["2/4", 1, 2],
  ["-3 / 6", -1, 2],
  ["\u00bd", 1, 2],
  ["1\u00bd", 3, 2],
  ["1 1/2", 3, 2],
  ["\\frac{1}{2}", 1, 2],
  ["\\dfrac12", 1, 2],
  ["$\\frac{-3}{4}$", -3, 4],
  ["50%", 1, 2],
  ["50\\%", 1, 2],
  ["12.5 %", 1, 8],
  ["1e3", 1000, 1],
  ["2.5E-1", 1, 4],
  ["\u8d1f7", -7, 1],
  ["minus 7", -7, 1],
  ["9 \u00f7 3", 3, 1],
])("%s is %d/%d", (text, over, under) => {
  expect(value(text)).toEqual([over, under]);
});

test.each([
  "",
  "-",
  "a",
  "1,23",
  "1,2345",
  "12,",
  "1.2.3",
  "1/0",
  "1/2/3",
  "0x10",
  "1e999",
  "1 2",
  "9".repeat(1001),
  "∞",
  "5 apples",
])("%s is no number", (text) => {
  expect(readNumber(text)).toBeUndefined();
});

test("a long exponent ends in no time", () => {
  const start = process.cpuUsage();
  expect(readNumber("1e400")?.over).toBe(10n ** 400n);
  expect(readNumber("9".repeat(1000))).toBeDefined();
  expect(process.cpuUsage(start).user).toBeLessThan(2e5); // microseconds
});

test("whole numbers in every spelling are the same number", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (n) => {
      const number = readNumber(String(n))!;
      expect(number).toEqual({ over: BigInt(n), under: 1n });
      const wide = String(n).replace(/./g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
      for (const other of [n.toLocaleString("en-US"), wide, `${n}.0`, `${n}/1`, `${n}00%`, ` ${n} `]) {
        expect(same(readNumber(other)!, number), other).toBe(true);
      }
      expect(same(readNumber(String(n + 1))!, number)).toBe(false);
    }),
  );
});

test("fractions and decimals are exact where float64 is not", () => {
  expect(same(readNumber("0.3")!, readNumber("3/10")!)).toBe(true);
  expect(same(readNumber("0.30000000000000004")!, readNumber("3/10")!)).toBe(false);
  fc.assert(
    fc.property(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: 1, max: 4 }), (n, places) => {
      const text = (n / 10 ** places).toFixed(places);
      expect(same(readNumber(text)!, readNumber(`${n}/${10 ** places}`)!)).toBe(true);
    }),
  );
});

test("runs take everything that hangs together", () => {
  expect(runs(plain("x = 1, 2 or -3; 4,5,6 and 1,234.5. 7/8% 2e3."))).toEqual([
    "1",
    "2",
    "-3",
    "4,5,6",
    "1,234.5",
    "7/8%",
    "2e3",
  ]);
  expect(runs(plain("\u7b54\u6848\u662f\uff15\uff0c\uff16\u3002"))).toEqual(["5", "6"]);
});

test("a whole number before a fraction in LaTeX is a part of it", () => {
  expect(readNumber("1\\frac{8}{9}")).toEqual({ over: 17n, under: 9n });
  expect(readNumber("-2\\frac12")).toEqual({ over: -5n, under: 2n });
});
