/**
 * JSON as Python's `json.loads` takes it: beside RFC 8259's, NaN and Infinity, keys that come twice (the last counts) and
 * halves of surrogate pairs; no whole number of more than 4,300 digits.
 *
 * throws   FormatError E_PYTHON_JSON where Python raises ValueError, and past a depth at which Python's stack ends
 * source   CPython 3.11: Modules/_json.c, Lib/json/decoder.py
 */
import { FormatError } from "../../errors.ts";
import { PyFloat, type PyValue } from "./value.ts";

/** Arrays and objects in one another: past about 990, Python raises RecursionError. */
const DEEPEST = 900;
/** Digits past which Python does not read a whole number. */
const MOST_DIGITS = 4300;

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
/** A run of characters that stand for themselves. */
const PLAIN = /[ !#-[\]-\uffff]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
const WORDS: readonly (readonly [string, PyValue])[] = [
  ["null", null],
  ["true", true],
  ["false", false],
  ["NaN", new PyFloat(NaN)],
  ["Infinity", new PyFloat(Infinity)],
  ["-Infinity", new PyFloat(-Infinity)],
];

/** The value of a JSON document. */
export function loads(text: string): PyValue {
  const reader = new Reader(text);
  return reader.document();
}

/** Whether `json.loads` takes the text. */
export function isJson(text: string): boolean {
  try {
    loads(text);
    return true;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): PyValue {
    this.take(SPACE);
    const value = this.value(0);
    this.take(SPACE);
    if (this.at < this.text.length) throw this.bad("nothing after the document");
    return value;
  }

  private value(depth: number): PyValue {
    if (depth > DEEPEST) throw this.bad(`at most ${DEEPEST} levels`);
    const character = this.text[this.at];
    if (character === '"') return this.string();
    if (character === "[") return this.array(depth);
    if (character === "{") return this.object(depth);
    for (const [word, value] of WORDS) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return value;
    }
    return this.number();
  }

  private number(): PyValue {
    NUMBER.lastIndex = this.at;
    const found = NUMBER.exec(this.text);
    if (found === null) throw this.bad("a value");
    this.at = NUMBER.lastIndex;
    const [all, whole, part, exponent] = found;
    if (part !== undefined || exponent !== undefined) return new PyFloat(Number(all));
    if (whole!.replace("-", "").length > MOST_DIGITS) throw this.bad(`at most ${MOST_DIGITS} digits`);
    return BigInt(whole!);
  }

  private string(): string {
    this.at++;
    const parts: string[] = [];
    for (;;) {
      parts.push(this.take(PLAIN));
      const character = this.text[this.at++];
      if (character === '"') return parts.join("");
      if (character !== "\\") throw this.bad("a string that ends, without control characters");
      parts.push(this.escape());
    }
  }

  private escape(): string {
    const character = this.text[this.at++] ?? "";
    if (character !== "u") {
      const plain = ESCAPES[character];
      if (plain === undefined) throw this.bad("an escape");
      return plain;
    }
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.bad("four hexadecimal digits");
    this.at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  private array(depth: number): PyValue {
    const values: PyValue[] = [];
    this.at++;
    this.take(SPACE);
    if (this.skip("]")) return values;
    for (;;) {
      values.push(this.value(depth + 1));
      this.take(SPACE);
      if (this.skip("]")) return values;
      if (!this.skip(",")) throw this.bad('"," or "]"');
      this.take(SPACE);
    }
  }

  private object(depth: number): PyValue {
    const fields = new Map<PyValue, PyValue>();
    this.at++;
    this.take(SPACE);
    if (this.skip("}")) return fields;
    for (;;) {
      if (this.text[this.at] !== '"') throw this.bad("a key in double quotes");
      const key = this.string();
      this.take(SPACE);
      if (!this.skip(":")) throw this.bad('":"');
      this.take(SPACE);
      fields.set(key, this.value(depth + 1));
      this.take(SPACE);
      if (this.skip("}")) return fields;
      if (!this.skip(",")) throw this.bad('"," or "}"');
      this.take(SPACE);
    }
  }

  private skip(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private take(regex: RegExp): string {
    regex.lastIndex = this.at;
    const found = regex.exec(this.text)![0];
    this.at += found.length;
    return found;
  }

  private bad(expected: string): FormatError {
    const actual = JSON.stringify(this.text.slice(this.at, this.at + 20));
    return new FormatError("E_PYTHON_JSON", "json", { expected, actual, offset: this.at });
  }
}
