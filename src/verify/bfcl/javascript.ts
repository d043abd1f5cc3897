/**
 * JavaScript's literals as values: `5n`, `'text'`, `[1, 2]`, `new Array(1, 2)`, `{key: 1}`. What is none stays a text.
 *
 * throws   FormatError E_BFCL_TYPE for types that the official converter does not know
 * source   bfcl-eval 2026.3.23 type_convertor/js_type_converter.py
 */
import { FormatError, QwqError } from "../../errors.ts";
import { readFloat } from "../python/number.ts";
import { SPACE, strip } from "../python/text.ts";
import { PyFloat, type PyValue } from "../python/value.ts";
import { LONGEST, numberOrText, quoted, wholeNumber } from "./literals.ts";

const FLOAT = /^-?\p{Nd}+(?:\.\p{Nd}+)?\n?$/u;
const s = `[${SPACE}]`;
const IN = String.raw`\[[^\n]*?\]`;
/** Arrays of arrays, by brackets or by a constructor; Python's `match` looks at the beginning alone. */
const TABLE = new RegExp(
  `^(?:\\[${s}*${IN}${s}*(?:,${s}*${IN}${s}*)*\\]|new${s}+Array\\(${s}*${IN}${s}*(?:,${s}*${IN}${s}*)*\\))`,
  "u",
);
const ROW = /\[([^\n]*?)\]/gu;
const ARRAY = new RegExp(`^(?:\\[([^\\n]*?)\\]|new${s}+Array\\(([^\\n]*?)\\))`, "u");
const OBJECT = /^\{([^\n]*?)\}/u;
const FIELD = new RegExp(`([^:]+):${s}*([^\\n]*?)(?:,${s}*(?=[^,]+:)|(?=\\n?(?![^])))`, "gu");

/** The value of a literal of this type. */
export function javascriptValue(text: string, type: string, nested?: string): PyValue {
  switch (type) {
    case "String":
      return quoted(text, "\"'") ? text.slice(1, -1) : text;
    case "integer":
      return wholeNumber(text, "");
    case "Bigint":
      return wholeNumber(text, "n");
    case "float":
      return FLOAT.test(text) ? new PyFloat(readFloat(text)!) : text;
    case "Boolean":
      return text === "true" || text === "false" ? text === "true" : text;
    case "dict":
      return object(strip(text));
    case "array":
      return array(strip(text), nested);
    case "any":
      return text;
    default:
      throw new FormatError("E_BFCL_TYPE", "JavaScript", { expected: "a type that can be converted", actual: type });
  }
}

/** Where an item cannot be read, the whole stays a text. */
function array(code: string, nested: string | undefined): PyValue {
  if (code.length > LONGEST) return code;
  const table = TABLE.exec(code);
  if (table !== null) return [...table[0].matchAll(ROW)].map((row, index) => tableRow(row[1]!, index));
  const found = ARRAY.exec(code);
  if (found === null) return code;
  const inside = strip(found[1] ?? found[2] ?? "");
  const items = inside === "" ? [] : inside.split(",").map((part) => strip(part));
  try {
    return items.map((part) => (nested === undefined ? untyped(part) : item(part, nested)));
  } catch (error) {
    if (error instanceof QwqError) return code;
    throw error;
  }
}

/** The first row begins with the table's own bracket. */
function tableRow(text: string, index: number): PyValue {
  const row = strip(text);
  return (index === 0 && row.startsWith("[") ? row.slice(1) : row).split(",").map((part) => untyped(strip(part)));
}

function item(part: string, nested: string): PyValue {
  const inQuotes = part.startsWith("'") || part.startsWith('"');
  return javascriptValue(part, nested, inQuotes ? "String" : undefined);
}

function object(code: string): PyValue {
  if (code === "{}") return new Map();
  if (code.length > LONGEST) return code;
  const found = OBJECT.exec(code);
  if (found === null) return code;
  return new Map(
    [...found[1]!.matchAll(FIELD)].map(([, key, value]) => [strip(strip(key!), "'\""), field(strip(value!))]),
  );
}

function field(value: string): PyValue {
  if (value.startsWith("[") && value.endsWith("]")) return array(value, undefined);
  if (value.startsWith("{") && value.endsWith("}")) return object(value);
  return untyped(strip(value, "'\""));
}

/** A value whose type nobody tells. */
function untyped(text: string): PyValue {
  const value = strip(text);
  if (value === "true" || value === "false") return value === "true";
  return quoted(value, "\"'") ? value.slice(1, -1) : numberOrText(value);
}
