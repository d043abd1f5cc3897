/**
 * Jinja2's filters: what may follow `|`. One that is not here is refused by name.
 */
import { type JsonStyle, pythonJson } from "../python-json.ts";
import { strip } from "../python-text.ts";
import { optionalText, text, whole } from "./arguments.ts";
import { item } from "./attributes.ts";
import { capitalize, joined, pairs, replace } from "./methods.ts";
import { sign, used } from "./operators.ts";
import { str } from "./print.ts";
import { applyTest } from "./tests.ts";
import {
  compare,
  equal,
  fail,
  iterate,
  limitLength,
  type Named,
  numeric,
  truth,
  typeName,
  Undefined,
  unsupported,
  type Value,
} from "./value.ts";

type FilterFunction = (value: Value, args: Value[], named: Named) => Value;

const count: FilterFunction = (value) => BigInt(iterate(value).length);
const orElse: FilterFunction = (value, args, named) => {
  const falseToo = truth(args[1] ?? named.get("boolean") ?? false);
  if (!(value instanceof Undefined || (falseToo && !truth(value)))) return value;
  const [absent = named.get("default_value")] = args;
  return absent === undefined ? "" : absent;
};

const FILTERS: ReadonlyMap<string, FilterFunction> = new Map<string, FilterFunction>([
  ["tojson", (value, args, named) => pythonJson(value, jsonStyle(args, named))],
  ["safe", (value) => value],
  ["string", (value) => str(value)],
  ["trim", (value, [characters]) => strip(str(value), "both", optionalText(characters))],
  ["upper", (value) => str(value).toUpperCase()],
  ["lower", (value) => str(value).toLowerCase()],
  ["capitalize", (value) => capitalize(str(value))],
  ["title", (value) => titled(str(value))],
  ["replace", (value, [old, fresh, times]) => replace(str(value), str(old ?? ""), str(fresh ?? ""), times ?? null)],
  ["indent", indent],
  ["default", orElse],
  ["d", orElse],
  ["length", count],
  ["count", count],
  ["list", (value) => [...iterate(value)]],
  ["first", (value) => end(iterate(value), 0)],
  ["last", (value) => end(iterate(value), -1)],
  ["join", join],
  ["items", (value) => (value instanceof Undefined ? [] : pairs(dict(value)))],
  ["dictsort", (value, args, named) => dictSort(value, args, named)],
  ["reverse", (value) => (typeof value === "string" ? [...value].reverse().join("") : [...iterate(value)].reverse())],
  ["sort", (value, args, named) => sort(iterate(value), args, named)],
  ["unique", (value) => unique(iterate(value))],
  ["min", (value) => least(iterate(value), 1)],
  ["max", (value) => least(iterate(value), -1)],
  ["sum", (value) => iterate(value).reduce(add, 0n)],
  ["abs", (value) => (compare(value, 0n) < 0 ? sign("-", value) : used(value))],
  ["int", (value, [absent]) => integer(value) ?? absent ?? 0n],
  ["float", (value, [absent]) => float(value) ?? absent ?? 0],
  ["map", map],
  ["select", (value, args) => iterate(value).filter((x) => accepted(x, args))],
  ["reject", (value, args) => iterate(value).filter((x) => !accepted(x, args))],
  ["selectattr", (value, [name, ...test]) => iterate(value).filter((x) => accepted(path(x, text(name)), test))],
  ["rejectattr", (value, [name, ...test]) => iterate(value).filter((x) => !accepted(path(x, text(name)), test))],
]);

/** `value | name(...args)`. */
export function applyFilter(name: string, value: Value, args: Value[], named: Named): Value {
  const filter = FILTERS.get(name);
  if (filter === undefined) throw unsupported(`the filter "${name}"`);
  return filter(value, args, named);
}

/** The arguments of Hugging Face's `tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False)`. */
function jsonStyle(args: Value[], named: Named): JsonStyle {
  const [ascii, spaces, marks, sorted] = ["ensure_ascii", "indent", "separators", "sort_keys"].map(
    (name, i) => args[i] ?? named.get(name) ?? null,
  );
  return {
    ascii: truth(ascii ?? null),
    indent: typeof spaces === "string" ? spaces : spaces === null ? undefined : blanks(whole(spaces)),
    separators: marks === null || marks === undefined ? undefined : pair(marks),
    sortKeys: truth(sorted ?? null),
  };
}

function pair(marks: Value): [string, string] {
  const [comma, colon] = iterate(marks);
  return [text(comma), text(colon)];
}

function blanks(times: number): string {
  limitLength(times);
  return " ".repeat(Math.max(times, 0));
}

/** A letter after white space, a hyphen or an opening bracket is large, as Jinja2's filter (not str.title) has it. */
function titled(s: string): string {
  return s
    .split(/([-\s({[<]+)/u)
    .map(capitalize)
    .join("");
}

function indent(value: Value, args: Value[], named: Named): Value {
  const width = args[0] ?? named.get("width") ?? 4n;
  const margin = typeof width === "string" ? width : blanks(whole(width));
  const blank = truth(args[2] ?? named.get("blank") ?? false);
  // Jinja2 adds a newline before it takes the text apart, so that one at the end stays
  const [first = "", ...rest] = str(value).split("\n");
  limitLength(str(value).length + rest.length * margin.length);
  const lines = rest.map((line) => (line === "" && !blank ? line : margin + line));
  return (truth(args[1] ?? named.get("first") ?? false) ? margin : "") + [first, ...lines].join("\n");
}

function end(items: Value[], at: number): Value {
  return items.at(at) ?? (items.length === 0 ? new Undefined("an element of an empty list") : null);
}

function join(value: Value, args: Value[], named: Named): Value {
  const name = args[1] ?? named.get("attribute");
  const items = iterate(value).map((x) => str(name === undefined || name === null ? x : path(x, text(name))));
  return joined(items, str(args[0] ?? named.get("d") ?? ""));
}

function dict(value: Value): Map<string, Value> {
  if (value instanceof Map) return value;
  throw fail(`${typeName(value)} where a dict is needed`);
}

function dictSort(value: Value, args: Value[], named: Named): Value {
  const by = text(args[1] ?? named.get("by") ?? "key") === "value" ? 1n : 0n;
  const how = new Map<string, Value>([
    ["attribute", by],
    ["case_sensitive", args[0] ?? named.get("case_sensitive") ?? false],
    ["reverse", args[2] ?? named.get("reverse") ?? false],
  ]);
  return sort(pairs(dict(value)), [], how);
}

function sort(items: Value[], args: Value[], named: Named): Value {
  const backwards = truth(args[0] ?? named.get("reverse") ?? false);
  const exact = truth(args[1] ?? named.get("case_sensitive") ?? false);
  const name = args[2] ?? named.get("attribute") ?? null;
  const rank = (x: Value): Value => {
    const value = name === null ? x : typeof name === "string" ? path(x, name) : item(x, name);
    return typeof value === "string" && !exact ? value.toLowerCase() : value;
  };
  const keyed = items.map((x) => ({ x, by: rank(x) }));
  return keyed.sort((a, b) => (backwards ? compare(b.by, a.by) : compare(a.by, b.by))).map(({ x }) => x);
}

/** Equal but for case is equal, as Jinja2 has it. */
function unique(items: Value[]): Value {
  const small = (x: Value) => (typeof x === "string" ? x.toLowerCase() : x);
  return items.filter((x, i) => items.findIndex((y) => equal(small(x), small(y))) === i);
}

function least(items: Value[], direction: 1 | -1): Value {
  const small = (x: Value) => (typeof x === "string" ? x.toLowerCase() : x);
  const [first, ...rest] = items;
  if (first === undefined) return new Undefined("the least of nothing");
  return rest.reduce((best, x) => (direction * compare(small(x), small(best)) < 0 ? x : best), first);
}

function add(sum: Value, x: Value): Value {
  const [a, b] = [numeric(sum), numeric(x)];
  if (a === undefined || b === undefined) throw fail(`${typeName(x)} in a sum`);
  return typeof a === "bigint" && typeof b === "bigint" ? a + b : Number(a) + Number(b);
}

function integer(value: Value): bigint | undefined {
  const x = numeric(value);
  if (x !== undefined) return typeof x === "bigint" ? x : Number.isFinite(x) ? BigInt(Math.trunc(x)) : undefined;
  if (typeof value !== "string") return undefined;
  const digits = strip(value, "both");
  if (/^[+-]?\d+$/.test(digits)) return BigInt(digits.replace("+", ""));
  const rounded = float(value);
  return rounded === undefined || !Number.isFinite(rounded) ? undefined : BigInt(Math.trunc(rounded));
}

function float(value: Value): number | undefined {
  const x = numeric(value);
  if (x !== undefined) return Number(x);
  if (typeof value !== "string") return undefined;
  const digits = strip(value, "both");
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(digits) ? Number(digits) : undefined;
}

function map(value: Value, args: Value[], named: Named): Value {
  const name = named.get("attribute");
  if (name === undefined) {
    const [filter, ...rest] = args;
    return iterate(value).map((x) => applyFilter(text(filter), x, rest, named));
  }
  const absent = named.get("default");
  return iterate(value).map((x) => {
    const found = typeof name === "string" ? path(x, name) : item(x, name);
    return found instanceof Undefined && absent !== undefined ? absent : found;
  });
}

function accepted(value: Value, [test, ...args]: Value[]): boolean {
  return test === undefined ? truth(value) : applyTest(text(test), value, args);
}

/** `"a.b.0"` looked up part by part, each as `[...]` does it. */
function path(value: Value, name: string): Value {
  return name.split(".").reduce((x, part) => item(x, /^\d+$/.test(part) ? BigInt(part) : part), value);
}
