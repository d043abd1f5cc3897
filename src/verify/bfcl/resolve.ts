/**
 * Calls as BFCL takes them from Python's syntax: `[name(a=1), other.name(b=[2])]` as a list of { name: { a: 1 } }.
 *
 * What the official decoder does is kept, also where it is odd: arguments without a name are dropped, every sign before a
 * constant negates it, a name is its own text, a call without named arguments is its text.
 *
 * throws   FormatError where the official decoder raises
 * source   bfcl-eval 2026.3.23 model_handler/utils.py: ast_parse, resolve_ast_call, resolve_ast_by_type
 */
import { FormatError } from "../../errors.ts";
import type { Node } from "../python/ast.ts";
import { evaluate, negated } from "../python/evaluate.ts";
import { parseExpression } from "../python/parse.ts";
import { strip } from "../python/text.ts";
import { unparse } from "../python/unparse.ts";
import { type PyDict, PyFloat, PyOther, PyTuple, type PyValue } from "../python/value.ts";

type Call = Extract<Node, { readonly kind: "call" }>;

/** The calls of a reply that is a list of them, perhaps in a block of code, perhaps without the brackets. */
export function callsInPython(reply: string): PyDict[] {
  let text = strip(reply, "`\n ");
  if (!text.startsWith("[")) text = `[${text}`;
  if (!text.endsWith("]")) text = `${text}]`;
  const node = parseExpression(strip(strip(text), "'"));
  if (node.kind === "call") return [call(node)];
  if (node.kind !== "list" && node.kind !== "tuple" && node.kind !== "set") throw noCall(node);
  return node.items.map((item) => {
    if (item.kind !== "call") throw noCall(item);
    return call(item);
  });
}

function call({ of, keywords }: Call): PyDict {
  const given = new Map<PyValue, PyValue>();
  for (const { name, value } of keywords) given.set(name ?? null, resolve(value));
  return new Map([[nameOf(of), given]]);
}

/** Names and attributes, from the left; what they hang on is left out where it is neither. */
function nameOf(node: Node): string {
  const parts: string[] = [];
  let at = node;
  while (at.kind === "attribute") {
    parts.unshift(at.name);
    at = at.of;
  }
  if (at.kind === "name") parts.unshift(at.name);
  return parts.join(".");
}

function resolve(node: Node): PyValue {
  switch (node.kind) {
    case "constant":
      return node.value instanceof PyOther && node.value.type === "ellipsis" ? "..." : node.value;
    case "unary":
      if (node.of.kind !== "constant") throw noCall(node.of);
      return negated(node.of.value);
    case "list":
      return node.items.map(resolve);
    case "tuple":
      return new PyTuple(node.items.map(resolve));
    case "dict":
      return fields(node.items);
    case "binary":
      return evaluate(node);
    case "name":
      return node.name;
    case "call":
      return node.keywords.length === 0 ? unparse(node) : call(node);
    case "subscript":
      return `${unparse(node.of)}[${unparse(node.index)}]`;
    default:
      throw noCall(node);
  }
}

/** Of keys that are equal the first stays, with the last value: `{1.0: "a", True: "b"}` is `{1.0: "b"}`. */
function fields(items: Extract<Node, { readonly kind: "dict" }>["items"]): PyDict {
  const dict = new Map<PyValue, PyValue>();
  const known = new Map<PyValue, PyValue>();
  for (const [node, value] of items) {
    if (node === undefined) throw noCall(value);
    const key = resolve(node);
    const hash = hashOf(key);
    if (!known.has(hash)) known.set(hash, key);
    dict.set(known.get(hash)!, resolve(value));
  }
  return dict;
}

/** What equal keys have in common: True, 1 and 1.0 the whole number. */
function hashOf(key: PyValue): PyValue {
  if (Array.isArray(key) || key instanceof Map) {
    throw new FormatError("E_BFCL_CALL", "call", { expected: "keys that have a hash", actual: "a list or dict" });
  }
  if (typeof key === "boolean") return key ? 1n : 0n;
  return key instanceof PyFloat && Number.isInteger(key.value) ? BigInt(key.value) : key;
}

function noCall(node: Node): FormatError {
  const actual = node.kind === "other" ? node.what : node.kind;
  return new FormatError("E_BFCL_CALL", "call", { expected: "calls with values in them", actual });
}
