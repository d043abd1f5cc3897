/** Values that Java's and JavaScript's converters read without being told a type. */
import { readFloat, readInt } from "../python/number.ts";
import { PyFloat, type PyValue } from "../python/value.ts";

/** Characters past which a collection is not taken apart: the patterns' time grows faster than the text. */
export const LONGEST = 20_000;

/** Whether a text is in such quotes. */
export function quoted(text: string, quotes: string): boolean {
  return [...quotes].some((quote) => text.startsWith(quote) && text.endsWith(quote));
}

/** A whole number, a float or the text. */
export function numberOrText(text: string): PyValue {
  const whole = readInt(text);
  if (whole !== undefined) return whole;
  const float = readFloat(text);
  return float === undefined ? text : new PyFloat(float);
}

/** A text that a pattern takes, read as a whole number; Python's `$` forgives a line's end. */
export function wholeNumber(text: string, suffix: string): PyValue {
  const body = text.replace(/\n$/, "");
  if (!new RegExp(`^-?\\p{Nd}+${suffix}$`, "u").test(body)) return text;
  return readInt(suffix === "" ? body : body.slice(0, -1)) ?? text;
}
