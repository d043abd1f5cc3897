import { expect, test } from "vitest";
import { iterated, optionalText, text, whole } from "../../../src/text/jinja/arguments.ts";

test("arguments of another type are refused with both types named", () => {
  expect(() => text(5n)).toThrow("got int where a string is needed.");
  expect(() => text(undefined)).toThrow("got nothing where a string is needed.");
  expect(() => whole(1.5)).toThrow("got float where an int is needed.");
  expect(() => iterated(undefined)).toThrow("got nothing to loop over.");
});

test("None is no string, and a bool is an int, as in Python", () => {
  expect(optionalText(null)).toBeUndefined();
  expect(whole(true)).toBe(1);
});
