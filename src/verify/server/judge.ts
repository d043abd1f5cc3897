/**
 * Whether what came is what was expected. This runs in the server; a program never sees what is expected of it.
 */
import type { Json } from "./protocol.ts";

/** The same value: numbers exactly (-0 is 0), keys in any order. */
export function sameValue(actual: Json, expected: Json): boolean {
  if (actual === expected) return true;
  if (typeof actual !== "object" || typeof expected !== "object" || actual === null || expected === null) return false;
  if (isList(actual) || isList(expected)) {
    if (!isList(actual) || !isList(expected) || actual.length !== expected.length) return false;
    return actual.every((value, i) => sameValue(value, expected[i]!));
  }
  const keys = Object.keys(actual);
  if (keys.length !== Object.keys(expected).length) return false;
  return keys.every((key) => Object.hasOwn(expected, key) && sameValue(actual[key]!, expected[key]!));
}

/**
 * The same lines, but for spaces at their ends and empty lines at the end. With `numbers`, spaces before them do not count
 * either, and a line of numbers is the same as another with the same values, exactly: "1e3 0.50" as "1000 0.5".
 *
 * source   `numbers`: LiveCodeBench, lcb_runner/evaluation/testing_util.py: grade_stdio
 */
export function sameText(actual: string, expected: string, numbers = false): boolean {
  const [a, b] = [lines(actual, numbers), lines(expected, numbers)];
  return a.length === b.length && a.every((line, i) => line === b[i] || (numbers && sameNumbers(line, b[i]!)));
}

function lines(text: string, trimmed: boolean): string[] {
  const all = (trimmed ? text.trim() : text.trimEnd()).split("\n");
  return all.map((line) => (trimmed ? line.trim() : line.trimEnd()));
}

function sameNumbers(actual: string, expected: string): boolean {
  const [a, b] = [actual.split(/\s+/), expected.split(/\s+/)];
  return a.length === b.length && a.every((word, i) => decimal(word) !== undefined && decimal(word) === decimal(b[i]!));
}

/** Digits of a number beyond which it is compared as text. */
const DIGITS = 10_000;

/** A decimal number in one spelling: sign, digits without zeros around them, and the power of ten they are multiplied by. */
function decimal(word: string): string | undefined {
  if (word.length > DIGITS) return undefined;
  const { sign, whole, part = "", power = "0" } = NUMBER.exec(word)?.groups ?? {};
  if (whole === undefined || whole + part === "") return undefined;
  const digits = (whole + part).replace(/^0+/, "");
  const kept = digits.replace(/0+$/, "");
  if (kept === "") return "0";
  return `${sign === "-" ? "-" : ""}${kept}e${Number(power) - part.length + digits.length - kept.length}`;
}

const NUMBER = /^(?<sign>[+-]?)(?<whole>\d*)(?:\.(?<part>\d*))?(?:[eE](?<power>[+-]?\d{1,9}))?$/;

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
