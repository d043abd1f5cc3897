/**
 * Numbers within bounds, as JSON writes them, digit by digit.
 *
 * numbers  without bounds at most 16 digits before and after the point, and an exponent of at most 3: a model that has
 *          begun to write digits often does not stop. With bounds no exponent.
 */
import { byte, choice, EMPTY, type Expression, literal, NEVER, optional, repeat, sequence } from "./expression.ts";

const MOST_DIGITS = 16;
const ZERO = 0x30;

const digits = (from: number, to: number) => (from > to ? NEVER : byte([ZERO + from, ZERO + to]));
const ANY = digits(0, 9);
const FRACTION = sequence(literal("."), repeat(ANY, 1, MOST_DIGITS));

/** A whole number. */
export const INTEGER: Expression = sequence(
  optional(literal("-")),
  choice(literal("0"), sequence(digits(1, 9), repeat(ANY, 0, MOST_DIGITS - 1))),
);

/** Any number. */
export const NUMBER: Expression = sequence(
  INTEGER,
  optional(FRACTION),
  optional(sequence(byte([0x45, 0x45], [0x65, 0x65]), optional(byte([0x2b, 0x2b], [0x2d, 0x2d])), repeat(ANY, 1, 3))),
);

/** A bound of a number, as digits: 12.5 is { whole: 12n, fraction: "5" }; of its size alone. */
interface Decimal {
  readonly whole: bigint;
  readonly fraction: string;
}

/** Bounds, each with whether the number may equal it. */
export interface Bounds {
  readonly least?: { readonly value: number; readonly open: boolean } | undefined;
  readonly most?: { readonly value: number; readonly open: boolean } | undefined;
}

/** Whole numbers within bounds. */
export function integerWithin({ least, most }: Bounds): Expression {
  const low = least && BigInt(least.open ? Math.floor(least.value) + 1 : Math.ceil(least.value));
  const high = most && BigInt(most.open ? Math.ceil(most.value) - 1 : Math.floor(most.value));
  const positive = high !== undefined && high < 0n ? NEVER : wholes(larger(low, 0n), high);
  const above = larger(high === undefined ? undefined : -high, 1n);
  const negative = low !== undefined && low >= 0n ? NEVER : wholes(above, low === undefined ? undefined : -low);
  return choice(positive, sequence(literal("-"), negative));
}

function larger(a: bigint | undefined, b: bigint): bigint {
  return a !== undefined && a > b ? a : b;
}

/** Whole numbers from `low`, which is not negative, to `high`, length by length. */
function wholes(low: bigint, high = 10n ** BigInt(MOST_DIGITS) - 1n): Expression {
  if (low > high) return NEVER;
  const all: Expression[] = [];
  for (let length = String(low).length; length <= String(high).length; length++) {
    const [first, last] = [length === 1 ? 0n : 10n ** BigInt(length - 1), 10n ** BigInt(length) - 1n];
    all.push(between(String(low > first ? low : first), String(high < last ? high : last)));
  }
  return choice(...all);
}

/** Digits from `low` to `high`, which are equally long. */
function between(low: string, high: string): Expression {
  if (low === "") return EMPTY;
  const [a, b] = [Number(low[0]), Number(high[0])];
  const rest = low.length - 1;
  const [nines, zeros] = ["9".repeat(rest), "0".repeat(rest)];
  if (a === b) return sequence(digits(a, a), between(low.slice(1), high.slice(1)));
  const [from, to] = [low.slice(1) === zeros ? a : a + 1, high.slice(1) === nines ? b : b - 1];
  return choice(
    from > a ? sequence(digits(a, a), between(low.slice(1), nines)) : NEVER,
    from <= to ? sequence(digits(from, to), repeat(ANY, rest, rest)) : NEVER,
    to < b ? sequence(digits(b, b), between(zeros, high.slice(1))) : NEVER,
  );
}

/** Numbers within bounds. */
export function numberWithin({ least, most }: Bounds): Expression {
  const crosses = (least?.value ?? -1) < 0;
  const positive = most !== undefined && most.value < 0 ? NEVER : sized(crosses ? undefined : least, most);
  if (!crosses) return positive;
  const turned = (bound: Bounds["least"]) => bound && { value: -bound.value, open: bound.open };
  const negative = sized(most !== undefined && most.value <= 0 ? turned(most) : undefined, turned(least));
  return choice(positive, sequence(literal("-"), negative));
}

/** Numbers without a sign from `low` to `high`, neither of which is negative. */
function sized(low: Bounds["least"], high: Bounds["most"]): Expression {
  const a = low === undefined ? { whole: 0n, fraction: "" } : decimal(low.value);
  const [atLeast, open] = [fractionFrom(a.fraction, low?.open ?? false), high?.open ?? false];
  const from = (whole: bigint) => sequence(literal(String(whole)), atLeast);
  if (high === undefined) return choice(from(a.whole), sequence(wholes(a.whole + 1n), optional(FRACTION)));
  const b = decimal(high.value);
  if (a.whole > b.whole) return NEVER;
  if (a.whole === b.whole) {
    return sequence(literal(String(a.whole)), fractionWithin(a.fraction, low?.open ?? false, b.fraction, open));
  }
  const inside = sequence(wholes(a.whole + 1n, b.whole - 1n), optional(FRACTION));
  return choice(from(a.whole), inside, sequence(literal(String(b.whole)), fractionTo(b.fraction, open)));
}

/** A number's digits, as few as tell it from others; of those after the point 16. */
function decimal(value: number): Decimal {
  const shortest = Number.isInteger(value) ? String(BigInt(value)) : String(value);
  const [whole = "0", fraction = ""] = (shortest.includes("e") ? value.toFixed(MOST_DIGITS) : shortest).split(".");
  return { whole: BigInt(whole), fraction: fraction.slice(0, MOST_DIGITS).replace(/0+$/, "") };
}

const point = (rest: Expression) => sequence(literal("."), rest);
const some = (least: number) => repeat(ANY, least, MOST_DIGITS);
const NOT_ZERO = sequence(repeat(digits(0, 0), 0, MOST_DIGITS), digits(1, 9), some(0));

/** The point and what follows it, at least this fraction; more than it where `open`. */
function fractionFrom(fraction: string, open: boolean): Expression {
  if (fraction === "" && !open) return optional(FRACTION);
  return point(above(fraction, open));
}

function above(fraction: string, open: boolean): Expression {
  if (fraction === "") return open ? NOT_ZERO : some(0);
  const first = Number(fraction[0]);
  return choice(
    sequence(digits(first + 1, 9), some(0)),
    sequence(digits(first, first), above(fraction.slice(1), open)),
  );
}

/** The point and what follows it, at most this fraction; less than it where `open`. Nothing where that leaves none. */
function fractionTo(fraction: string, open: boolean): Expression {
  if (fraction === "") return open ? NEVER : optional(point(repeat(digits(0, 0), 1, MOST_DIGITS)));
  return optional(point(below(fraction, open, 1)));
}

/** `least`: how many digits must come before it may end; one, after a point. */
function below(fraction: string, open: boolean, least: number): Expression {
  if (fraction === "") return open ? NEVER : repeat(digits(0, 0), least, MOST_DIGITS);
  const first = Number(fraction[0]);
  const more = choice(
    sequence(digits(0, first - 1), some(0)),
    sequence(digits(first, first), below(fraction.slice(1), open, 0)),
  );
  return least > 0 ? more : optional(more);
}

/** Between two fractions of the same whole number. */
function fractionWithin(low: string, lowOpen: boolean, high: string, highOpen: boolean): Expression {
  const places = Math.max(low.length, high.length);
  const [a, b] = [low.padEnd(places, "0"), high.padEnd(places, "0")];
  if (a > b || (a === b && (lowOpen || highOpen))) return NEVER;
  if (places === 0) return optional(point(repeat(digits(0, 0), 1, MOST_DIGITS)));
  return choice(low === "" && !lowOpen ? EMPTY : NEVER, point(inside(a, lowOpen, b, highOpen)));
}

/** Digits after the point from `a` to `b`, equally long. */
function inside(a: string, lowOpen: boolean, b: string, highOpen: boolean): Expression {
  if (a === "") return lowOpen || highOpen ? NEVER : repeat(digits(0, 0), 0, MOST_DIGITS);
  const [first, last] = [Number(a[0]), Number(b[0])];
  if (first === last) return sequence(digits(first, first), inside(a.slice(1), lowOpen, b.slice(1), highOpen));
  return choice(
    sequence(digits(first, first), above(a.slice(1).replace(/0+$/, ""), lowOpen)),
    sequence(digits(first + 1, last - 1), some(0)),
    sequence(digits(last, last), below(b.slice(1).replace(/0+$/, ""), highOpen, 0)),
  );
}
