/**
 * Tokens of a Python expression: names, numbers, strings, operators, and the ends of lines outside brackets.
 *
 * throws   FormatError E_PYTHON_SYNTAX where CPython's tokenizer would raise SyntaxError
 * source   CPython 3.11: Parser/tokenizer.c, Parser/string_parser.c; the language reference, 2
 */
import { FormatError } from "../../errors.ts";
import { PyFloat, PyOther, type PyValue } from "./value.ts";

export interface Token {
  readonly kind: "name" | "constant" | "operator" | "line" | "end";
  /** As written; of a name as Python sees it, in NFKC. */
  readonly text: string;
  readonly value?: PyValue;
  readonly at: number;
}

/** Brackets in one another, past which CPython gives up. */
const DEEPEST = 200;
const MOST_DIGITS = 4300;

const SKIP = /(?:[ \t\f]|\\\r?\n|#[^\r\n]*)+/y;
const LINE = /\r\n?|\n/y;
const NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const STRING = /([rRbBuUfF]{0,2})("""|'''|"|')/y;
const OPERATOR = /\*\*=?|\/\/=?|<<=?|>>=?|->|:=|\.\.\.|[=!<>+\-*/%&|^@]=|[-+*/%@&|^~<>()[\]{},:.=;]/y;
const DIGITS = "[0-9](?:_?[0-9])*";
const EXPONENT = `[eE][-+]?${DIGITS}`;
const NUMBER = new RegExp(
  `0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:${DIGITS}\\.(?:${DIGITS})?|\\.${DIGITS}|${DIGITS})(?:${EXPONENT})?[jJ]?`,
  "y",
);

/** All tokens; the last is the end. */
export function tokenize(text: string): Token[] {
  if (text.includes("\0") || /\p{Cs}/u.test(text)) throw syntax("no NUL and whole surrogate pairs", text, 0);
  const tokens: Token[] = [];
  const open: string[] = [];
  let at = 0;
  for (;;) {
    at += match(SKIP, text, at)?.[0].length ?? 0;
    if (at === text.length) break;
    const line = match(LINE, text, at);
    if (line !== undefined) {
      if (open.length === 0) tokens.push({ kind: "line", text: "\n", at });
      at += line[0].length;
      continue;
    }
    const { token, to } = next(text, at);
    if (token.kind === "operator") follow(open, token.text, text, at);
    tokens.push(token);
    at = to;
  }
  if (open.length > 0) throw syntax("every bracket to be closed", text, at);
  tokens.push({ kind: "end", text: "", at });
  return tokens;
}

/** Keeps account of brackets. */
function follow(open: string[], operator: string, text: string, at: number): void {
  if ("([{".includes(operator)) open.push(operator);
  if (open.length > DEEPEST) throw syntax(`at most ${DEEPEST} brackets in one another`, text, at);
  const closes = ")]}".indexOf(operator);
  if (closes >= 0 && open.pop() !== "([{"[closes]) throw syntax("brackets that match", text, at);
}

function next(text: string, at: number): { readonly token: Token; readonly to: number } {
  const string = match(STRING, text, at);
  if (string !== undefined) return readString(text, at, string[1]!.toLowerCase(), string[2]!);
  const number = match(NUMBER, text, at)?.[0];
  if (number !== undefined) {
    const to = at + number.length;
    if (match(NAME, text, to) !== undefined) throw syntax("a number that ends", text, to);
    return { token: { kind: "constant", text: number, value: readNumber(number, text, at), at }, to };
  }
  const name = match(NAME, text, at)?.[0];
  if (name !== undefined) return { token: { kind: "name", text: name.normalize("NFKC"), at }, to: at + name.length };
  const operator = match(OPERATOR, text, at)?.[0];
  if (operator === undefined) throw syntax("a token", text, at);
  return { token: { kind: "operator", text: operator, at }, to: at + operator.length };
}

function match(regex: RegExp, text: string, at: number): RegExpExecArray | undefined {
  regex.lastIndex = at;
  return regex.exec(text) ?? undefined;
}

function readNumber(literal: string, text: string, at: number): PyValue {
  const plain = literal.replaceAll("_", "").toLowerCase();
  if (plain.endsWith("j")) return new PyOther("complex", `${Number(plain.slice(0, -1))}j`);
  if (/^0[xob]/.test(plain)) return BigInt(plain);
  if (/[.e]/.test(plain)) return new PyFloat(Number(plain));
  if (/^0+[1-9]/.test(plain)) throw syntax("no zero before a whole number", text, at);
  if (plain.length > MOST_DIGITS) throw syntax(`at most ${MOST_DIGITS} digits`, text, at);
  return BigInt(plain);
}

const PREFIXES = new Set(["", "r", "b", "u", "f", "rb", "br", "rf", "fr"]);

function readString(
  text: string,
  at: number,
  prefix: string,
  quote: string,
): { readonly token: Token; readonly to: number } {
  if (!PREFIXES.has(prefix)) throw syntax("a string's prefix", text, at);
  const from = at + prefix.length + quote.length;
  let to = from;
  while (to < text.length && !text.startsWith(quote, to)) {
    if (quote.length === 1 && (text[to] === "\n" || text[to] === "\r")) break;
    to += text[to] === "\\" ? 2 : 1;
  }
  if (!text.startsWith(quote, to) || to >= text.length) throw syntax("a string that ends", text, at);
  const raw = text.slice(from, to).replace(/\r\n?/g, "\n");
  const body = prefix.includes("r") ? raw : unescape(raw, prefix.includes("b"), text, from);
  const written = text.slice(at, to + quote.length);
  const token = (value: PyValue): Token => ({ kind: "constant", text: written, value, at });
  if (prefix.includes("f")) return { token: token(new PyOther("f-string", body)), to: to + quote.length };
  if (!prefix.includes("b")) return { token: token(body), to: to + quote.length };
  if (/[^\0-\x7f]/.test(raw)) throw syntax("bytes of ASCII", text, at);
  return { token: token(new PyOther("bytes", body)), to: to + quote.length };
}

const ESCAPED: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** An escape that Python does not know stays as it is. */
function unescape(body: string, bytes: boolean, text: string, at: number): string {
  return body.replace(/\\([0-7]{1,3}|x[^]{0,2}|u[^]{0,4}|U[^]{0,8}|N[^]?|[^])/g, (whole: string, escape: string) => {
    const plain = ESCAPED[escape];
    if (plain !== undefined) return plain;
    if (/^[0-7]/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8) & (bytes ? 0xff : 0x1ff));
    const coded = "xuUN".includes(escape[0]!) && (escape[0] === "x" || !bytes);
    if (!coded) return whole;
    const digits = { x: 2, u: 4, U: 8, N: -1 }[escape[0] as "x" | "u" | "U" | "N"];
    const code = Number.parseInt(escape.slice(1), 16);
    // \N{NAME} would need the names of all characters
    if (escape.length !== digits + 1 || !/^[0-9a-fA-F]+$/.test(escape.slice(1)) || code > 0x10ffff) {
      throw syntax("an escape with its digits", text, at);
    }
    return String.fromCodePoint(code);
  });
}

/** A syntax error, with where it is. */
export function syntax(expected: string, text: string, at: number): FormatError {
  const actual = JSON.stringify(text.slice(at, at + 20));
  return new FormatError("E_PYTHON_SYNTAX", "Python expression", { expected, actual, offset: at });
}
