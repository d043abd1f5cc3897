/**
 * Text as Python writes and cuts it, where JavaScript does otherwise: `str()` and `repr()` of numbers and strings, and
 * what counts as white space.
 */

/** Characters that Python's `str.strip()` and `str.split()` take for white space: not U+FEFF, which JavaScript's do. */
export const WHITE = "\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

/**
 * `repr(x)` of a float64: the shortest digits that read back the same, always with a point or an exponent, the exponent
 * from 1e16 up and below 1e-4. Python writes 1e+16, 1e-07 and 1.0.
 */
export function floatRepr(x: number): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x < 0 ? "-inf" : "inf";
  const [mantissa = "", power = "0"] = x.toExponential().split("e");
  const exponent = Number(power);
  const sign = x < 0 || Object.is(x, -0) ? "-" : "";
  const digits = mantissa.replace(/[-.]/g, "");
  if (exponent < -4 || exponent >= 16) {
    const point = digits.length > 1 ? `${digits.slice(0, 1)}.${digits.slice(1)}` : digits;
    return `${sign}${point}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\\", "\\\\"],
]);

/**
 * `repr(s)`: in single quotes unless only those occur inside, with escapes for what does not print.
 *
 * Which code points print depends on the Unicode table: Node's own here, which may know a few newly assigned characters
 * that an older Python still writes as \U000XXXXX.
 */
export function stringRepr(s: string): string {
  const quote = s.includes("'") && !s.includes('"') ? '"' : "'";
  const body = s.replace(/[\\'"]|[\p{C}\p{Z}]/gu, (c) => {
    if (c === " " || ((c === "'" || c === '"') && c !== quote)) return c;
    if (c === quote) return `\\${c}`;
    return NAMED.get(c) ?? escapeCode(c.codePointAt(0) ?? 0);
  });
  return quote + body + quote;
}

function escapeCode(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/** `s.strip(characters)` at the ends asked for; white space where `characters` is undefined. */
export function strip(s: string, ends: "both" | "left" | "right", characters?: string): string {
  const inside = characters === undefined ? new RegExp(`[${WHITE}]`, "u") : undefined;
  const set = new Set(characters ?? "");
  const cut = (c: string) => (inside === undefined ? set.has(c) : inside.test(c));
  const all = Array.from(s);
  let from = 0;
  let to = all.length;
  if (ends !== "right") while (from < to && cut(all[from]!)) from++;
  if (ends !== "left") while (to > from && cut(all[to - 1]!)) to--;
  return all.slice(from, to).join("");
}

/** `s.split(separator, most)`; runs of white space where `separator` is undefined; at most `most` cuts if not negative. */
export function split(s: string, separator: string | undefined, most: number): string[] {
  if (separator === undefined) return splitWhite(s, most);
  const parts = s.split(separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  return [...parts.slice(0, most), parts.slice(most).join(separator)];
}

function splitWhite(s: string, most: number): string[] {
  const parts: string[] = [];
  let rest = strip(s, "left");
  const gap = new RegExp(`[${WHITE}]+`, "u");
  while (rest !== "") {
    const found = most >= 0 && parts.length >= most ? null : gap.exec(rest);
    if (found === null) {
      // only without a limit, or before it, is white space at the end dropped; and there it was a gap
      parts.push(rest);
      break;
    }
    parts.push(rest.slice(0, found.index));
    rest = rest.slice(found.index + found[0].length);
  }
  return parts;
}
