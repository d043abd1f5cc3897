/**
 * Strict JSON that loses nothing. JSON.parse keeps the last of two equal keys, rounds 2^53 + 1, makes 1e400 Infinity,
 * reads 1.0 and -0 as integers and lets half a surrogate pair pass; none of that can be seen afterwards. Here the first
 * and the last are errors, and a number keeps its text wherever a float64 would not give it back.
 *
 * The grammar is RFC 8259's, with nothing added and a limit on depth.
 */
import { FormatError, LimitError } from "../errors.ts";
import { quote } from "./quote.ts";
import { decodeUtf8 } from "./utf8.ts";

/** A number that is not a safe integer written as one: 1.0, 1e16, -0, 2^64. */
export class JsonNumber {
  /** The literal, as the file has it. */
  readonly text: string;
  /** The nearest float64: Infinity for 1e400. */
  readonly value: number;
  constructor(text: string) {
    this.text = text;
    this.value = Number(text);
  }
}

/** A `number` is an integer literal between -(2^53 - 1) and 2^53 - 1; every other number is a JsonNumber. */
export type Json = null | boolean | string | number | JsonNumber | Json[] | JsonObject;

/** Keys in the order of the file. A Map, since a file may well have the key `__proto__`. */
export type JsonObject = Map<string, Json>;

export interface JsonLimits {
  /** How deep arrays and objects may nest; 64 unless told. */
  readonly depth?: number;
  /** How many values, counting each array, object and what they hold; any number unless told. */
  readonly values?: number;
  /** Where in its file the text begins, for the offsets in errors. */
  readonly start?: number;
}

/**
 * Reads one JSON document: the bytes of a file, or text that was decoded already. `path` names it in errors.
 *
 * throws   FormatError with the byte offset: E_JSON_SYNTAX, E_JSON_TRAILING (something after the document),
 *          E_JSON_DUP_KEY (also where one spelling has escapes), E_JSON_SURROGATE (half a pair), E_JSON_DEPTH,
 *          E_JSON_UTF8, E_JSON_BOM; LimitError E_LIMIT_JSON for more values than allowed
 */
export function readJson(source: Uint8Array | string, path: string, limits: JsonLimits = {}): Json {
  const text = typeof source === "string" ? source : decodeUtf8(source, path, "E_JSON", limits.start);
  return new Reader(text, path, limits).document();
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const INTEGER = /^(?:0|-?[1-9][0-9]*)$/;
const WORD = /true|false|null/y;
const WORDS: ReadonlyMap<string, Json> = new Map<string, Json>([
  ["true", true],
  ["false", false],
  ["null", null],
]);
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);
/** With the flag u, a pair is one character and only a half on its own is found. */
const HALF_PAIR = /\p{Cs}/u;

/** One pass over the text; `at` is the next character to be read. */
class Reader {
  private readonly text: string;
  private readonly path: string;
  private readonly depth: number;
  private readonly start: number;
  /** How many more values may come. */
  private values: number;
  private at = 0;

  constructor(text: string, path: string, { depth = 64, values = Infinity, start = 0 }: JsonLimits) {
    this.text = text;
    this.path = path;
    this.depth = depth;
    this.values = values;
    this.start = start;
  }

  document(): Json {
    if (this.text.startsWith("\ufeff")) throw this.bad("E_JSON_BOM", "JSON without a byte order mark");
    const half = this.text.search(HALF_PAIR);
    if (half >= 0) throw this.bad("E_JSON_SURROGATE", "whole surrogate pairs", half);
    this.space();
    const value = this.value(0);
    this.space();
    if (this.at < this.text.length) throw this.bad("E_JSON_TRAILING", "nothing after the JSON document");
    return value;
  }

  private value(depth: number): Json {
    if (this.values-- === 0) throw this.tooMany();
    const code = this.text.charCodeAt(this.at);
    if (code === QUOTE) return this.string();
    if (code === OPEN_OBJECT) return this.object(depth);
    if (code === OPEN_ARRAY) return this.array(depth);
    if (code === MINUS || (code >= ZERO && code <= NINE)) return this.number();
    return this.word();
  }

  private object(depth: number): JsonObject {
    const object: JsonObject = new Map();
    this.open(depth);
    if (this.take(CLOSE_OBJECT)) return object;
    for (let keys = 1; ; keys++) {
      const start = this.at;
      if (this.text.charCodeAt(start) !== QUOTE) throw this.bad("E_JSON_SYNTAX", "a key in double quotes");
      const key = this.string();
      this.space();
      if (!this.take(COLON)) throw this.bad("E_JSON_SYNTAX", `":" after the key ${quote(key)}`);
      this.space();
      object.set(key, this.value(depth + 1));
      if (object.size !== keys) throw this.bad("E_JSON_DUP_KEY", "each key once", start, `${quote(key)} again`);
      this.space();
      if (this.take(CLOSE_OBJECT)) return object;
      if (!this.take(COMMA)) throw this.bad("E_JSON_SYNTAX", '"," or "}"');
      this.space();
    }
  }

  private array(depth: number): Json[] {
    const array: Json[] = [];
    this.open(depth);
    if (this.take(CLOSE_ARRAY)) return array;
    for (;;) {
      array.push(this.value(depth + 1));
      this.space();
      if (this.take(CLOSE_ARRAY)) return array;
      if (!this.take(COMMA)) throw this.bad("E_JSON_SYNTAX", '"," or "]"');
      this.space();
    }
  }

  private open(depth: number): void {
    if (depth >= this.depth) throw this.bad("E_JSON_DEPTH", `at most ${this.depth} levels`, this.at, "one more");
    this.at++;
    this.space();
  }

  private string(): string {
    const { text } = this;
    const start = this.at + 1;
    for (let at = start; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.at = at + 1;
        return text.slice(start, at);
      }
      if (code === BACKSLASH) return this.escaped(start, at);
      if (code < 0x20) throw this.bad("E_JSON_SYNTAX", "control characters in strings as escapes", at);
    }
    throw this.bad("E_JSON_SYNTAX", "a closing double quote", text.length);
  }

  /** The string that begins at `start` and has its first backslash at `at`. */
  private escaped(start: number, at: number): string {
    const { text } = this;
    let result = "";
    let done = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        ESCAPE.lastIndex = at;
        if (!ESCAPE.test(text))
          throw this.bad("E_JSON_SYNTAX", 'an escape: one of "\\/bfnrt, or u and 4 hex digits', at + 1);
        const kind = text.charAt(at + 1);
        const hex = text.slice(at + 2, ESCAPE.lastIndex);
        result +=
          text.slice(done, at) + (kind === "u" ? String.fromCharCode(parseInt(hex, 16)) : (ESCAPED.get(kind) ?? kind));
        at = done = ESCAPE.lastIndex;
      } else if (code < 0x20) {
        throw this.bad("E_JSON_SYNTAX", "control characters in strings as escapes", at);
      } else if (at++ >= text.length) {
        throw this.bad("E_JSON_SYNTAX", "a closing double quote", text.length);
      }
    }
    this.at = at + 1;
    result += text.slice(done, at);
    if (HALF_PAIR.test(result)) throw this.bad("E_JSON_SURROGATE", "whole surrogate pairs", start, quote(result));
    return result;
  }

  private number(): number | JsonNumber {
    NUMBER.lastIndex = this.at;
    if (!NUMBER.test(this.text)) throw this.bad("E_JSON_SYNTAX", "a digit after the minus sign", this.at + 1);
    const literal = this.text.slice(this.at, NUMBER.lastIndex);
    this.at = NUMBER.lastIndex;
    const value = Number(literal);
    return INTEGER.test(literal) && Number.isSafeInteger(value) ? value : new JsonNumber(literal);
  }

  private word(): Json {
    WORD.lastIndex = this.at;
    const word = WORD.exec(this.text)?.[0];
    if (word === undefined) throw this.bad("E_JSON_SYNTAX", "a JSON value");
    this.at += word.length;
    return WORDS.get(word)!;
  }

  private space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at++;
    }
  }

  private take(code: number): boolean {
    if (this.text.charCodeAt(this.at) !== code) return false;
    this.at++;
    return true;
  }

  private bad(code: string, expected: string, at = this.at, actual?: string): FormatError {
    const character = String.fromCodePoint(this.text.codePointAt(at) ?? 0);
    const { path } = this;
    return new FormatError(code, path, {
      path,
      offset: this.start + Buffer.byteLength(this.text.slice(0, at)),
      expected,
      actual: actual ?? (at < this.text.length ? quote(character) : "the end of the text"),
      hint: "The file is damaged or was edited by hand; get it again, or mend it there.",
    });
  }

  private tooMany(): LimitError {
    return new LimitError("E_LIMIT_JSON", this.path, {
      path: this.path,
      offset: this.start + Buffer.byteLength(this.text.slice(0, this.at)),
      expected: "fewer values",
      actual: "one more than is allowed here",
      hint: "Such a file is made by accident or to do harm.",
    });
  }
}
