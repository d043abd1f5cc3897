/**
 * The methods of str, list and dict that chat templates call. Those that would change a list or a dict are not there, as
 * in Jinja2's immutable sandbox; other methods Python has are refused by name when they are called.
 */
import { split, strip } from "../python-text.ts";
import { iterated, whole, optionalText, text } from "./arguments.ts";
import {
  Callable,
  type Dict,
  equal,
  fail,
  limitLength,
  type Named,
  Tuple,
  Undefined,
  unsupported,
  type Value,
} from "./value.ts";

type StringMethod = (s: string, args: Value[], named: Named) => Value;

/** Python's str methods that are not in the table below; a dict's key of that name is found only by `[...]`. */
const OTHER_STRING_METHODS = new Set(
  (
    "casefold center encode expandtabs format format_map isalnum isalpha isascii isdecimal isidentifier islower " +
    "isnumeric isprintable isspace istitle isupper ljust maketrans partition rindex rjust rpartition swapcase " +
    "translate zfill"
  ).split(" "),
);
/** Methods that change their object, which the sandbox keeps away: calling one fails. */
const CHANGING = new Set("append clear extend insert pop popitem remove reverse setdefault sort update".split(" "));

const STRING: ReadonlyMap<string, StringMethod> = new Map<string, StringMethod>([
  ["upper", (s) => s.toUpperCase()],
  ["lower", (s) => s.toLowerCase()],
  ["title", (s) => titleCase(s)],
  ["capitalize", (s) => capitalize(s)],
  ["strip", (s, args) => strip(s, "both", optionalText(args[0]))],
  ["lstrip", (s, args) => strip(s, "left", optionalText(args[0]))],
  ["rstrip", (s, args) => strip(s, "right", optionalText(args[0]))],
  ["split", (s, args, named) => cut(s, args, named, split)],
  ["rsplit", (s, args, named) => cut(s, args, named, splitFromRight)],
  ["splitlines", (s, args, named) => splitLines(s, args[0] ?? named.get("keepends") ?? false)],
  ["startswith", (s, args) => prefixes(args[0]).some((p) => s.startsWith(p))],
  ["endswith", (s, args) => prefixes(args[0]).some((p) => s.endsWith(p))],
  ["removeprefix", (s, [p]) => (s.startsWith(text(p)) ? s.slice(text(p).length) : s)],
  ["removesuffix", (s, [p]) => (text(p) !== "" && s.endsWith(text(p)) ? s.slice(0, -text(p).length) : s)],
  ["replace", (s, args, named) => replace(s, text(args[0]), text(args[1]), args[2] ?? named.get("count") ?? -1n)],
  ["find", (s, [part]) => position(s, s.indexOf(text(part)))],
  ["rfind", (s, [part]) => position(s, s.lastIndexOf(text(part)))],
  ["index", (s, [part]) => found(position(s, s.indexOf(text(part))))],
  ["count", (s, [part]) => BigInt(text(part) === "" ? Array.from(s).length + 1 : s.split(text(part)).length - 1)],
  ["join", (s, [items]) => joined(iterated(items).map(text), s)],
  ["isdigit", (s) => /^[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089]+$/u.test(s)],
]);

/** The method of a string, or `undefined` where Python has none of that name. */
export function stringMethod(s: string, name: string): Callable | undefined {
  const method = STRING.get(name);
  if (method !== undefined) return new Callable((args, named) => method(s, args, named));
  return OTHER_STRING_METHODS.has(name) ? refused("str", name) : undefined;
}

export function listMethod(list: Value[], name: string): Value | undefined {
  switch (name) {
    case "index":
      return new Callable(([value]) => found(BigInt(list.findIndex((item) => equal(item, value ?? null)))));
    case "count":
      return new Callable(([value]) => BigInt(list.filter((item) => equal(item, value ?? null)).length));
    case "copy":
      return new Callable(() => [...list]);
    default:
      return CHANGING.has(name) ? unsafe(name) : undefined;
  }
}

export function dictMethod(dict: Dict, name: string): Value | undefined {
  switch (name) {
    case "get":
      return new Callable(([key, absent = null]) => {
        const value = typeof key === "string" ? dict.get(key) : undefined;
        return value === undefined ? absent : value;
      });
    case "items":
      return new Callable(() => pairs(dict));
    case "keys":
      return new Callable(() => [...dict.keys()]);
    case "values":
      return new Callable(() => [...dict.values()]);
    case "copy":
      return new Callable(() => new Map(dict));
    case "fromkeys":
      return refused("dict", name);
    default:
      return CHANGING.has(name) && !LIST_ONLY.has(name) ? unsafe(name) : undefined;
  }
}

const LIST_ONLY = new Set("append extend insert remove reverse sort".split(" "));

/** A dict's keys with their values, in order. */
export function pairs(dict: Dict): Value[] {
  return [...dict].map(([key, value]) => Tuple.of(key, value));
}

/** `str.join`, and the filter of that name after it has made text of the items. */
export function joined(items: readonly string[], separator: string): string {
  limitLength(items.reduce((sum, item) => sum + item.length + separator.length, 0));
  return items.join(separator);
}

/** `str.replace`: at most `count` times if that is not negative. */
export function replace(s: string, old: string, fresh: string, count: Value): string {
  const most = count === null ? -1 : whole(count);
  const parts = old === "" ? ["", ...Array.from(s), ""] : s.split(old);
  const times = most < 0 ? parts.length - 1 : Math.min(most, parts.length - 1);
  limitLength(s.length + times * fresh.length);
  return [parts.slice(0, times + 1).join(fresh), ...parts.slice(times + 1)].join(old);
}

/** `str.capitalize`: the first letter large, the rest small. */
export function capitalize(s: string): string {
  const [first = "", ...rest] = Array.from(s);
  return first.toUpperCase() + rest.join("").toLowerCase();
}

function titleCase(s: string): string {
  return s.replace(/\p{L}+/gu, capitalize);
}

function cut(s: string, args: Value[], named: Named, by: typeof split): Value[] {
  const separator = optionalText(args[0] ?? named.get("sep"));
  if (separator === "") throw fail("an empty separator");
  const most = args[1] ?? named.get("maxsplit") ?? -1n;
  return by(s, separator, whole(most));
}

function splitFromRight(s: string, separator: string | undefined, most: number): string[] {
  const back = (text: string) => Array.from(text).reverse().join("");
  return split(back(s), separator === undefined ? undefined : back(separator), most)
    .map(back)
    .reverse();
}

/** Where Python ends a line; CR LF is one end. */
const LINE_END = "\\r\\n|[\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029]";

function splitLines(s: string, keep: Value): string[] {
  const ends = [...s.matchAll(new RegExp(LINE_END, "gu"))];
  const lines: string[] = [];
  let from = 0;
  for (const { 0: end, index } of ends) {
    lines.push(s.slice(from, keep === true ? index + end.length : index));
    from = index + end.length;
  }
  if (from < s.length) lines.push(s.slice(from));
  return lines;
}

function prefixes(value: Value | undefined): string[] {
  return Array.isArray(value) ? value.map(text) : [text(value)];
}

/** The index in code points of an index in UTF-16 units. */
function position(s: string, at: number): bigint {
  return BigInt(at < 0 ? -1 : Array.from(s.slice(0, at)).length);
}

function found(at: bigint): bigint {
  if (at < 0n) throw fail("index() of what is not there");
  return at;
}

function refused(type: string, name: string): Callable {
  return new Callable(() => {
    throw unsupported(`${type}.${name}()`);
  });
}

function unsafe(name: string): Undefined {
  return new Undefined(`${name}(), which changes its object`);
}
