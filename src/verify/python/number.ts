/** Numbers that Python reads from text: `int(text)` and `float(text)`. */
import { strip } from "./text.ts";

const INT = /^[+-]?\p{Nd}+(?:_\p{Nd}+)*$/u;
const FLOAT =
  /^[+-]?(?:(?:\p{Nd}+(?:_\p{Nd}+)*)(?:\.(?:\p{Nd}+(?:_\p{Nd}+)*)?)?|\.\p{Nd}+(?:_\p{Nd}+)*)(?:[eE][+-]?\p{Nd}+(?:_\p{Nd}+)*)?$/u;
const SPECIAL = /^([+-]?)(inf|infinity|nan)$/i;
const MOST_DIGITS = 4300;

/** `int(text)`; `undefined` where Python raises ValueError. */
export function readInt(text: string): bigint | undefined {
  const body = strip(text);
  if (!INT.test(body)) return undefined;
  const digits = ascii(body).replaceAll("_", "");
  const [sign, plain] = /^[+-]/.test(digits) ? [digits[0], digits.slice(1)] : ["+", digits];
  if (plain.length > MOST_DIGITS) return undefined;
  return sign === "-" ? -BigInt(plain) : BigInt(plain);
}

/** `float(text)`; `undefined` where Python raises ValueError. */
export function readFloat(text: string): number | undefined {
  const body = strip(text);
  const special = SPECIAL.exec(body);
  if (special !== null) {
    const value = special[2]!.toLowerCase() === "nan" ? NaN : Infinity;
    return special[1] === "-" ? -value : value;
  }
  return FLOAT.test(body) ? Number(ascii(body).replaceAll("_", "")) : undefined;
}

/** Digits of all scripts as those of ASCII: a script's ten stand in a row, and zero is the one with none before it. */
function ascii(text: string): string {
  return text.replace(/[^\0-\x7f]/gu, (digit) => {
    let zero = digit.codePointAt(0)!;
    let value = 0;
    while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) {
      zero--;
      value++;
    }
    return String(value);
  });
}
