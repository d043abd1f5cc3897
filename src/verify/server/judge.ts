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

/** The same lines, but for spaces at their ends and empty lines at the end. */
export function sameText(actual: string, expected: string): boolean {
  return lines(actual) === lines(expected);
}

function lines(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .trimEnd();
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
