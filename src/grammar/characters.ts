/**
 * Sets of characters as languages of bytes: their UTF-8, or what stands for them in a JSON string.
 *
 * source   RFC 3629 4 (UTF-8, syntax of byte sequences); RFC 8259 7 (strings)
 */
import { byte, choice, type Expression, literal, repeat, sequence } from "./expression.ts";

/** Code points from first to last. */
export type Range = readonly [first: number, last: number];

const LAST = 0x10ffff;
const HALVES: Range = [0xd800, 0xdfff];

/** Ranges in order, without overlaps and without halves of pairs. */
export function tidy(ranges: readonly Range[]): Range[] {
  const sorted = ranges
    .flatMap(([first, last]): Range[] => [
      [first, Math.min(last, HALVES[0] - 1)],
      [Math.max(first, HALVES[1] + 1), last],
    ])
    .filter(([first, last]) => first <= last)
    .sort((a, b) => a[0] - b[0]);
  const tidied: Range[] = [];
  for (const [first, last] of sorted) {
    const before = tidied.at(-1);
    if (before === undefined || first > before[1] + 1) tidied.push([first, last]);
    else tidied[tidied.length - 1] = [before[0], Math.max(before[1], last)];
  }
  return tidied;
}

/** All other characters. */
export function complement(ranges: readonly Range[]): Range[] {
  const others: Range[] = [];
  let from = 0;
  for (const [first, last] of tidy(ranges)) {
    if (first > from) others.push([from, first - 1]);
    from = last + 1;
  }
  if (from <= LAST) others.push([from, LAST]);
  return tidy(others);
}

/** Characters that are in both. */
export function intersection(a: readonly Range[], b: readonly Range[]): Range[] {
  return complement([...complement(a), ...complement(b)]);
}

/** The UTF-8 of any of these. */
export function utf8(ranges: readonly Range[]): Expression {
  return choice(...tidy(ranges).flatMap(([first, last]) => LENGTHS.map((length) => ofLength(first, last, length))));
}

/** The code points whose UTF-8 has 1, 2, 3 and 4 bytes. */
const LENGTHS: readonly (readonly [bytes: number, first: number, last: number])[] = [
  [1, 0, 0x7f],
  [2, 0x80, 0x7ff],
  [3, 0x800, 0xffff],
  [4, 0x10000, LAST],
];
const LEAD = [0, 0, 0xc0, 0xe0, 0xf0];

function ofLength(from: number, to: number, [bytes, least, most]: (typeof LENGTHS)[number]): Expression {
  const [first, last] = [Math.max(from, least), Math.min(to, most)];
  return first > last ? choice() : tail(first, last, bytes, LEAD[bytes]!);
}

/** Numbers from first to last in groups of six bits, the first of them added to `lead`. */
function tail(first: number, last: number, bytes: number, lead: number): Expression {
  if (bytes === 1) return byte([lead + first, lead + last]);
  const unit = 64 ** (bytes - 1);
  const [a, b] = [Math.floor(first / unit), Math.floor(last / unit)];
  const rest = (from: number, to: number) => tail(from, to, bytes - 1, 0x80);
  const one = (high: number, from: number, to: number) => sequence(byte([lead + high, lead + high]), rest(from, to));
  if (a === b) return one(a, first % unit, last % unit);
  const [whole, wholeEnd] = [first % unit === 0 ? a : a + 1, last % unit === unit - 1 ? b : b - 1];
  return choice(
    whole > a ? one(a, first % unit, unit - 1) : choice(),
    whole <= wholeEnd ? sequence(byte([lead + whole, lead + wholeEnd]), rest(0, unit - 1)) : choice(),
    wholeEnd < b ? one(b, 0, last % unit) : choice(),
  );
}

/** What JSON strings may hold as it is. */
const PLAIN: readonly Range[] = complement([
  [0, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
]);

const SHORT: ReadonlyMap<number, string> = new Map(
  [...'"\\\b\f\n\r\t'].map((character, i) => [character.charCodeAt(0), `\\${'"\\bfnrt'[i]}`]),
);

/** Any of these as it stands in a JSON string: as it is where that is allowed, else as its shortest escape. */
export function inString(ranges: readonly Range[]): Expression {
  const plain = intersection(ranges, PLAIN);
  const escaped: Expression[] = [];
  for (const [first, last] of intersection(ranges, complement(PLAIN))) {
    for (let code = first; code <= last; code++) {
      escaped.push(literal(SHORT.get(code) ?? `\\u${code.toString(16).padStart(4, "0")}`));
    }
  }
  return choice(utf8(plain), ...escaped);
}

const DIGIT: Range = [0x30, 0x39];
const hex = (...letters: readonly Range[]) => byte(DIGIT, ...letters);
const HEX = hex([0x41, 0x46], [0x61, 0x66]);
/** Four digits that are no half of a pair. */
const UNIT = choice(
  sequence(hex([0x41, 0x43], [0x45, 0x46], [0x61, 0x63], [0x65, 0x66]), repeat(HEX, 3, 3)),
  sequence(byte([0x44, 0x44], [0x64, 0x64]), byte([0x30, 0x37]), repeat(HEX, 2, 2)),
);
const D = byte([0x44, 0x44], [0x64, 0x64]);
/** A pair of halves, the high one first. */
const PAIR = sequence(
  sequence(D, byte([0x38, 0x39], [0x41, 0x42], [0x61, 0x62]), repeat(HEX, 2, 2)),
  literal("\\u"),
  sequence(D, byte([0x43, 0x46], [0x63, 0x66]), repeat(HEX, 2, 2)),
);

/** Any character as it may stand in a JSON string, by any of its spellings; never half a pair. */
export const STRING_CHARACTER: Expression = choice(
  utf8(PLAIN),
  sequence(
    literal("\\"),
    choice(
      byte(...[...'"\\/bfnrt'].map((one): Range => [one.charCodeAt(0), one.charCodeAt(0)])),
      sequence(literal("u"), choice(UNIT, PAIR)),
    ),
  ),
);

/** Any character that needs no escape. */
export const PLAIN_CHARACTER: Expression = utf8(PLAIN);

/** A text as JSON.stringify writes it, quotes included. */
export function jsonString(text: string): Expression {
  return literal(JSON.stringify(text));
}
