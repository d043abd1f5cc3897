/**
 * Numbers as people write them, read exactly: 1,234 and 1234, 0.5 and 1/2 and 50%, full-width digits, LaTeX's fractions.
 * A float64 would call 0.1 + 0.2 another number than 0.3; a fraction of two whole numbers does not.
 */

/** A fraction in lowest terms; the denominator is positive. */
export interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

/** Digits beyond which a text is not taken for a number: time grows with their square. */
const LONGEST = 1000;
/** The largest exponent of 1e5 and its like, either way. */
const LARGEST_EXPONENT = 400;

/** Whole or with thousands in threes, then a decimal part, then an exponent. */
const DECIMAL = String.raw`(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?|\.\d+`;
const WHOLE = new RegExp(
  String.raw`^(?<sign>[+-]?)(?:(?<mixed>\d+) (?=\d+/))?(?<over>${DECIMAL})(?:/(?<under>${DECIMAL}))?(?<percent>%)?$`,
);

/** What might be a number in running text, to the last digit that hangs on it: "9,3,4" is one run, and no number. */
const RUN = /[+-]?(?:\d|\.\d)(?:[\d.,/]*\d)?(?:[eE][+-]?\d+)?(?: ?%)?/g;

/**
 * The text with one spelling for what has several: full-width letters and digits, the signs of minus and division, minus
 * as a word, LaTeX's fractions, its spaces and dollar signs. Commas of Chinese end a number, as they do there.
 */
export function plain(text: string): string {
  return text
    .replace(/[\uff0c\u3001]/g, ", ")
    .replace(/(\d)([\u00bc-\u00be\u2150-\u215e])/g, "$1 $2")
    .normalize("NFKC")
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .replace(/\u2044|\u00f7/g, "/")
    .replace(/(?<=\d)\s*(?=\\[dt]?frac)/g, " ")
    .replace(/\\[dt]?frac\s*\{(-?[\d.,]+)\}\s*\{(-?[\d.,]+)\}/g, "$1/$2")
    .replace(/\\[dt]?frac\s*(\d)\s*(\d)/g, "$1/$2")
    .replace(/\{,\}/g, ",")
    .replace(/\\[,;!: ]|\$/g, "")
    .replace(/\\%/g, "%")
    .replace(/(?:\u8d1f|\b(?:minus|negative) )(?=[\d.])/gi, "-")
    .replace(/(?<=\d)[^\S\n]*\/[^\S\n]*(?=[\d.])/g, "/");
}

/** What might be numbers in a text made plain, in their order. Read them with `readNumber`: some may be none. */
export function runs(text: string): string[] {
  return text.match(RUN) ?? [];
}

/** The number that a text is, and nothing beside it; `undefined` if it is none. */
export function readNumber(text: string): Fraction | undefined {
  const body = plain(text).trim().replace(" %", "%");
  if (body.length > LONGEST) return undefined;
  const { sign, mixed, over, under, percent } = WHOLE.exec(body)?.groups ?? {};
  if (over === undefined) return undefined;
  const [p, q] = [decimal(over), under === undefined ? ONE : decimal(under)];
  if (p === undefined || q === undefined || q.over === 0n) return undefined;
  const whole = BigInt(mixed ?? 0);
  const value = lowest(p.over * q.under + whole * p.under * q.over, p.under * q.over * (percent ? 100n : 1n));
  return sign === "-" ? { over: -value.over, under: value.under } : value;
}

/** Whether two numbers are the same. */
export function same(a: Fraction, b: Fraction): boolean {
  return a.over === b.over && a.under === b.under;
}

const ONE: Fraction = { over: 1n, under: 1n };

function decimal(text: string): Fraction | undefined {
  const [mantissa = "", exponent = "0"] = text.replaceAll(",", "").toLowerCase().split("e");
  const [whole = "", part = ""] = mantissa.split(".");
  const power = Number(exponent) - part.length;
  if (Math.abs(power) > LARGEST_EXPONENT + LONGEST || Math.abs(Number(exponent)) > LARGEST_EXPONENT) return undefined;
  const digits = BigInt(whole + part);
  const scale = 10n ** BigInt(Math.abs(power));
  return power >= 0 ? lowest(digits * scale, 1n) : lowest(digits, scale);
}

function lowest(over: bigint, under: bigint): Fraction {
  const divisor = greatestCommonDivisor(over < 0n ? -over : over, under);
  return { over: over / divisor, under: under / divisor };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 0n ? 1n : a;
}
