/**
 * Python's `json.dumps`, which is what `tojson` means in Hugging Face's chat templates: a space after each comma and
 * colon, floats as `repr` writes them, every digit of an integer, keys in their order, nothing escaped for HTML.
 */
import { floatRepr } from "./python-text.ts";
import { compareText, type Dict, fail, typeName, type Value } from "./jinja/value.ts";

/** The options templates may give: `tojson(indent=4)`. */
export interface JsonStyle {
  /** Spaces (or a string) a level; one line where undefined. */
  readonly indent?: string | undefined;
  /** Non-ASCII as \uXXXX. Hugging Face's `tojson` leaves it as it is unless told. */
  readonly ascii?: boolean | undefined;
  /** Between items, and between key and value. */
  readonly separators?: readonly [string, string] | undefined;
  readonly sortKeys?: boolean | undefined;
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\f", "\\f"],
  ["\b", "\\b"],
]);

// eslint-disable-next-line no-control-regex -- control characters are what JSON escapes
const ESCAPED = /[\x00-\x1f"\\]/g;
const ESCAPED_ASCII = /[^ !#-[\]-~]/g;

/**
 * The value as JSON.
 *
 * throws   FormatError E_TPL_RENDER for an undefined value or a function, as Python raises TypeError
 * source   transformers utils/chat_template_utils.py: tojson; CPython json.dumps
 * golden   text/conversations.jsonl
 */
export function pythonJson(value: Value, style: JsonStyle = {}): string {
  return write(value, style, style.indent === undefined ? "" : "\n");
}

/** `newline` is the line break with the indent of the value's own level; empty on one line. */
function write(value: Value, style: JsonStyle, newline: string): string {
  if (value === null) return "null";
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? floatRepr(value) : notFinite(value);
  if (typeof value === "string") return jsonString(value, style.ascii ?? false);
  if (Array.isArray(value)) {
    const inner = newline + (style.indent ?? "");
    return join(
      "[",
      value.map((item) => write(item, style, inner)),
      "]",
      style,
      newline,
    );
  }
  if (value instanceof Map) return join("{", entries(value, style, newline), "}", style, newline);
  throw fail(`${typeName(value)} in tojson`);
}

function entries(dict: Dict, style: JsonStyle, newline: string): string[] {
  const inner = newline + (style.indent ?? "");
  const keys = [...dict.keys()];
  if (style.sortKeys) keys.sort(compareText);
  const colon = style.separators?.[1] ?? ": ";
  return keys.map((key) => jsonString(key, style.ascii ?? false) + colon + write(dict.get(key)!, style, inner));
}

function join(open: string, items: string[], close: string, style: JsonStyle, newline: string): string {
  if (items.length === 0) return open + close;
  const inner = newline + (style.indent ?? "");
  const comma = style.separators?.[0] ?? (style.indent === undefined ? ", " : ",");
  return open + inner + items.join(comma + inner) + newline + close;
}

function notFinite(x: number): string {
  return Number.isNaN(x) ? "NaN" : x < 0 ? "-Infinity" : "Infinity";
}

function jsonString(s: string, ascii: boolean): string {
  const body = s.replace(ascii ? ESCAPED_ASCII : ESCAPED, (c) => {
    return NAMED.get(c) ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${body}"`;
}
