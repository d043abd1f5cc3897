/**
 * `ast.literal_eval`: the value of a text that is a Python literal.
 *
 * throws   FormatError E_PYTHON_SYNTAX, E_PYTHON_VALUE where CPython raises
 * source   CPython 3.11 Lib/ast.py: literal_eval
 */
import { FormatError } from "../../errors.ts";
import type { Node } from "./ast.ts";
import { negated } from "./evaluate.ts";
import { parseExpression } from "./parse.ts";
import { stripStart } from "./text.ts";
import { unparse } from "./unparse.ts";
import { equal, PyFloat, PyOther, PyTuple, type PyValue } from "./value.ts";

/** Its value; sets and complex numbers are known by how they are written. */
export function literal(text: string): PyValue {
  const line = stripStart(text, " \t").replace(EMPTY_LINES, "");
  if (/^[ \t]/.test(line)) {
    throw new FormatError("E_PYTHON_SYNTAX", "literal", { expected: "no indentation", actual: "some" });
  }
  return convert(parseExpression(line));
}

/** Lines before the first that has something on it. */
const EMPTY_LINES = /^(?:[ \t\f]*(?:#[^\n]*)?\r?\n)+/;

function convert(node: Node): PyValue {
  switch (node.kind) {
    case "constant":
      return node.value;
    case "list":
      return node.items.map(convert);
    case "tuple":
      return new PyTuple(node.items.map(convert));
    case "set":
      for (const item of node.items) hashed(convert(item));
      return new PyOther("set", unparse(node));
    case "dict":
      return dict(node);
    case "unary":
      if (node.operator === "-") return negated(number(node.of));
      if (node.operator === "+") return number(node.of);
      throw none(node);
    case "call":
      return emptySet(node);
    default:
      throw none(node);
  }
}

function emptySet(node: Extract<Node, { readonly kind: "call" }>): PyValue {
  const { of, args, keywords } = node;
  if (of.kind !== "name" || of.name !== "set" || args.length + keywords.length > 0) throw none(node);
  return new PyOther("set", "set()");
}

/** A number by itself; True and False are none. */
function number(node: Node): PyValue {
  if (node.kind === "constant" && (typeof node.value === "bigint" || node.value instanceof PyFloat)) return node.value;
  throw none(node);
}

/** Of keys that are equal the first stays, with the last value. */
function dict({ items }: Extract<Node, { readonly kind: "dict" }>): PyValue {
  const found = new Map<PyValue, PyValue>();
  for (const [keyNode, valueNode] of items) {
    if (keyNode === undefined) throw none(valueNode);
    const key = hashed(convert(keyNode));
    const value = convert(valueNode);
    const known = typeof key === "string" ? key : [...found.keys()].find((one) => equal(one, key));
    found.set(known ?? key, value);
  }
  return found;
}

/** A value that has a hash: no list, dict or set, and none within a tuple. */
function hashed(value: PyValue): PyValue {
  if (value instanceof PyTuple) for (const item of value.items) hashed(item);
  if (!Array.isArray(value) && !(value instanceof Map) && !(value instanceof PyOther && value.type === "set"))
    return value;
  throw new FormatError("E_PYTHON_VALUE", "literal", {
    expected: "a key that has a hash",
    actual: "a list, dict or set",
  });
}

function none(node: Node): FormatError {
  const actual = node.kind === "other" ? node.what : node.kind;
  return new FormatError("E_PYTHON_VALUE", "literal", { expected: "constants", actual });
}
