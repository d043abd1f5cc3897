/**
 * The first place at which two texts, or two lists of ids, differ.
 */
import { quote } from "../json/quote.ts";

/** Characters shown around the place. */
const BEFORE = 12;
const AFTER = 28;

/** What both have around the first byte that differs: `"...abc" at byte 17`. */
export function firstDifference(expected: string, actual: string): [expected: string, actual: string] {
  const length = Math.min(expected.length, actual.length);
  let at = 0;
  while (at < length && expected[at] === actual[at]) at++;
  // Half a surrogate pair is no character: show the pair.
  if (at > 0 && /[\ud800-\udbff]/.test(expected[at - 1]!)) at--;
  const byte = Buffer.byteLength(expected.slice(0, at));
  const shown = (text: string) => {
    const from = Math.max(0, at - BEFORE);
    const part = text.slice(from, at + AFTER).replace(/\p{Cs}/gu, "\ufffd");
    const ends = text.length <= at ? " and the end" : "";
    return `${from > 0 ? "..." : ""}${quote(part)}${ends} at byte ${byte}`;
  };
  return [shown(expected), shown(actual)];
}

/** The first index at which two lists differ, and both lists around it. `undefined` where they are the same. */
export function firstOther(expected: ArrayLike<number>, actual: ArrayLike<number>): number | undefined {
  const length = Math.max(expected.length, actual.length);
  for (let i = 0; i < length; i++) if (expected[i] !== actual[i]) return i;
  return undefined;
}
