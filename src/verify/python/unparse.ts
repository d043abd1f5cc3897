/**
 * The text of an expression, as `ast.unparse` writes it, and of a value, as `repr` does.
 *
 * throws   FormatError E_PYTHON_UNPARSE for comprehensions, conditions and the like, whose parts are not kept
 * source   CPython 3.11: Lib/ast.py (_Unparser)
 */
import { FormatError } from "../../errors.ts";
import { ATOM, BINDS, type Keyword, type Node, POWER, SIGN } from "./ast.ts";
import { PyFloat, PyOther, PyTuple, type PyValue } from "./value.ts";

/** An expression's text. */
export function unparse(node: Node): string {
  return write(node, 0);
}

/** Written in brackets where it binds less tightly than `least`. */
function write(node: Node, least: number): string {
  const binds = tightness(node);
  const text = WRITE[node.kind](node as never);
  return binds < least ? `(${text})` : text;
}

function tightness(node: Node): number {
  if (node.kind === "binary") return node.operator === "**" ? POWER : BINDS[node.operator]!;
  if (node.kind === "unary") return node.operator === "not" ? 0 : SIGN;
  return ATOM;
}

type Of<K extends Node["kind"]> = Extract<Node, { readonly kind: K }>;

const list = (items: readonly Node[]) => items.map((item) => write(item, 0)).join(", ");

const WRITE: { readonly [K in Node["kind"]]: (node: Of<K>) => string } = {
  constant: ({ value }) => repr(value),
  name: ({ name }) => name,
  attribute: ({ of, name }) => `${write(of, ATOM)}${whole(of) ? " " : ""}.${name}`,
  subscript: ({ of, index }) => {
    const inside = index.kind === "tuple" && index.items.length > 0 ? tupleItems(index.items) : write(index, 0);
    return `${write(of, ATOM)}[${inside}]`;
  },
  slice: ({ parts }) => {
    const [from, to, step] = parts.map((part) => (part === undefined ? "" : write(part, 0)));
    return `${from ?? ""}:${to ?? ""}${step === undefined || step === "" ? "" : `:${step}`}`;
  },
  call: ({ of, args, keywords }) =>
    `${write(of, ATOM)}(${[...args.map((arg) => write(arg, 0)), ...keywords.map(keyword)].join(", ")})`,
  list: ({ items }) => `[${list(items)}]`,
  tuple: ({ items }) => `(${tupleItems(items)})`,
  set: ({ items }) => `{${list(items)}}`,
  dict: ({ items }) => `{${items.map(dictItem).join(", ")}}`,
  unary: ({ operator, of }) => (operator === "not" ? `not ${write(of, 0)}` : operator + write(of, SIGN)),
  binary: ({ operator, left, right }) => {
    const binds = operator === "**" ? POWER : BINDS[operator]!;
    // a power leans to the right, all others to the left
    const [l, r] = operator === "**" ? [binds + 1, SIGN] : [binds, binds + 1];
    return `${write(left, l)} ${operator} ${write(right, r)}`;
  },
  starred: ({ of }) => `*${write(of, 1)}`,
  other: ({ what }) => {
    throw new FormatError("E_PYTHON_UNPARSE", "Python expression", { expected: "calls and values", actual: what });
  },
};

/** Whether a dot after it would be read as part of a number. */
function whole(node: Node): boolean {
  return node.kind === "constant" && typeof node.value === "bigint";
}

function tupleItems(items: readonly Node[]): string {
  return items.length === 1 ? `${write(items[0]!, 0)},` : list(items);
}

function dictItem([key, value]: readonly [Node | undefined, Node]): string {
  return key === undefined ? `**${write(value, 1)}` : `${write(key, 0)}: ${write(value, 0)}`;
}

function keyword({ name, value }: Keyword): string {
  return name === undefined ? `**${write(value, 0)}` : `${name}=${write(value, 0)}`;
}

/** `repr(value)`. */
export function repr(value: PyValue): string {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "string") return quote(value);
  if (typeof value === "bigint") return String(value);
  if (value instanceof PyFloat) return reprFloat(value.value);
  if (value instanceof PyOther) return value.type === "bytes" ? `b${quote(value.text)}` : value.text;
  if (value instanceof PyTuple)
    return value.items.length === 1 ? `(${repr(value.items[0]!)},)` : `(${value.items.map(repr).join(", ")})`;
  if (value instanceof Map) return `{${[...value].map(([key, item]) => `${repr(key)}: ${repr(item)}`).join(", ")}}`;
  return `[${(value as readonly PyValue[]).map(repr).join(", ")}]`;
}

/** The shortest digits that give the float back, with an exponent from 1e16 and below 1e-4. */
function reprFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits, exponent] = value.toExponential().split("e") as [string, string];
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  return text.includes(".") ? text : `${text}.0`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = [...text].map((character) => {
    if (character === mark) return `\\${mark}`;
    const known = ESCAPES[character];
    if (known !== undefined) return known;
    if (character === " " || !/[\p{C}\p{Z}]/u.test(character)) return character;
    const code = character.codePointAt(0)!;
    if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code <= 0xffff ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
  });
  return mark + body.join("") + mark;
}
