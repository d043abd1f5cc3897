/**
 * Java's literals as values: `3.14f`, `5L`, `new int[]{1, 2}`, `new HashMap<>() {{ put("a", 1); }}`. What is none stays a text.
 *
 * throws   FormatError E_BFCL_TYPE for types that the official converter does not know or has left open
 * source   bfcl-eval 2026.3.23 type_convertor/java_type_converter.py
 */
import { FormatError } from "../../errors.ts";
import { readFloat } from "../python/number.ts";
import { SPACE, strip } from "../python/text.ts";
import { PyFloat, type PyValue } from "../python/value.ts";
import { LONGEST, numberOrText, quoted, wholeNumber } from "./literals.ts";

const FLOAT = /^-?\p{Nd}+(?:\.\p{Nd}+)?(?:[eE][+-]?\p{Nd}+)?$/u;
const s = `[${SPACE}]`;
const W = String.raw`[\p{L}\p{N}_]`;
const AS_LIST = new RegExp(`new${s}+ArrayList<${W}*>\\(Arrays\\.asList\\(([^\\n]+?)\\)\\)`, "u");
const ADDED = new RegExp(`new${s}+ArrayList<${W}*>\\(\\)${s}*\\{\\{${s}*([^]+?)${s}*\\}\\}`, "u");
const ADD = /add\(([^\n]+?)\)/gu;
const EMPTY_LIST = new RegExp(`new${s}+ArrayList<${W}*>\\(\\)`, "u");
const ARRAY = new RegExp(`new${s}+${W}+\\[\\]${s}*\\{([^\\n]*?)\\}`, "u");
const MAP = new RegExp(`new${s}+HashMap<[^]*?>${s}*\\(\\)${s}*\\{${s}*\\{?${s}*([^]*?)${s}*\\}?${s}*\\}`, "u");
const PUT = new RegExp(`put\\("([^\\n]*?)",${s}*([^\\n]*?)\\)`, "gu");
const EMPTY_MAP = new RegExp(`new${s}+HashMap<[^\\n]*?>${s}*\\(\\)`, "u");

/** The value of a literal of this type. */
export function javaValue(text: string, type: string, nested?: string): PyValue {
  switch (type) {
    case "byte":
    case "short":
    case "integer":
      return wholeNumber(text, "");
    case "long":
      return wholeNumber(text, "[lL]");
    case "float":
      return floatWith(text, /[fF]\n?$/) ?? text;
    case "double":
      return floatWith(text, /\n?$/) ?? text;
    case "boolean":
      return text === "true" || text === "false" ? text === "true" : text;
    // the official pattern for a character in quotes can match nothing
    case "char":
    case "String":
    case "any":
      return text;
    case "Array":
      return text.length > LONGEST ? text : array(text, nested);
    case "ArrayList":
      return text.length > LONGEST ? text : arrayList(text, nested);
    case "HashMap":
      return text.length > LONGEST ? text : hashMap(text);
    default:
      throw new FormatError("E_BFCL_TYPE", "Java", { expected: "a type that can be converted", actual: type });
  }
}

function floatWith(text: string, suffix: RegExp): PyFloat | undefined {
  if (!suffix.test(text)) return undefined;
  const body = text.replace(suffix, "");
  const value = FLOAT.test(body) ? readFloat(body) : undefined;
  return value === undefined ? undefined : new PyFloat(value);
}

function item(text: string, nested: string | undefined): PyValue {
  return nested === undefined ? untyped(text) : javaValue(text, nested);
}

function array(text: string, nested: string | undefined): PyValue {
  const found = ARRAY.exec(text);
  if (found === null) return text;
  const parts = found[1]!.split(",").map((part) => strip(part));
  return parts.filter((part) => part !== "").map((part) => item(part, nested));
}

function arrayList(text: string, nested: string | undefined): PyValue {
  const inQuotes = nested === "char" || nested === "String";
  const read = (part: string) => (inQuotes ? part.slice(1, -1) : item(part, nested));
  const list = AS_LIST.exec(text);
  if (list !== null) return list[1]!.split(",").map((part) => read(strip(part)));
  const added = ADDED.exec(text);
  if (added !== null) return [...added[1]!.matchAll(ADD)].map((add) => read(strip(add[1]!)));
  return EMPTY_LIST.test(text) ? [] : text;
}

function hashMap(text: string): PyValue {
  const found = MAP.exec(text);
  if (found === null) return EMPTY_MAP.test(text) ? new Map() : text;
  return new Map([...found[1]!.matchAll(PUT)].map((put) => [put[1]!, untyped(strip(put[2]!))]));
}

/** A value whose type nobody tells. */
function untyped(text: string): PyValue {
  if (text === "true" || text === "false") return text === "true";
  if (quoted(text, '"')) return text.slice(1, -1);
  const long = wholeNumber(text, "[lL]");
  if (long !== text) return long;
  return floatWith(text, /[fF]\n?$/) ?? numberOrText(text);
}
