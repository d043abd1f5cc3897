import { expect, it } from "vitest";
import { firstDifference, firstOther } from "../../src/oracle/difference.ts";

it("shows both texts around the first byte that differs", () => {
  expect(firstDifference("Zürich is large", "Zürich is small")).toEqual([
    '"Zürich is large" at byte 11',
    '"Zürich is small" at byte 11',
  ]);
  expect(firstDifference("abc", "abcd")).toEqual(['"abc" and the end at byte 3', '"abcd" at byte 3']);
  expect(firstDifference("x".repeat(50), `${"x".repeat(40)}y`)[1]).toBe(
    '"...xxxxxxxxxxxxy" at byte 40'.replace('"...', '..."'),
  );
});

it("never shows half a character", () => {
  expect(firstDifference("a😀", "a😁").join()).not.toMatch(/\p{Cs}/u);
  expect(firstDifference("a😀", "a😁")[0]).toBe('"a😀" at byte 1');
});

it("firstOther is the index where two lists part", () => {
  expect([firstOther([1, 2], [1, 2]), firstOther([1, 2], [1, 3]), firstOther([1], [1, 2])]).toEqual([undefined, 1, 1]);
});
