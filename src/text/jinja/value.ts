/**
 * Python's values, as a chat template sees them.
 *
 * | Python        | here                                             |
 * |---------------|--------------------------------------------------|
 * | None          | `null`                                           |
 * | bool          | `boolean`                                        |
 * | int           | `bigint`, so that no digit is lost               |
 * | float         | `number`                                         |
 * | str           | `string`; lengths and indices count code points  |
 * | list          | an array                                         |
 * | tuple         | `Tuple`, an array too                            |
 * | dict          | `Map`, keys in the order they came               |
 * | Undefined     | `Undefined`: prints as nothing, fails when used  |
 * | namespace, loop | `Namespace`                                    |
 * | functions     | `Callable`                                       |
 */
import { FormatError, LimitError } from "../../errors.ts";

export type Value = null | boolean | bigint | number | string | Value[] | Dict | Undefined | Namespace | Callable;

export type Dict = Map<string, Value>;

/** A name, key or attribute that is not there. Jinja2 prints it as nothing, and fails when it is called or looked into. */
export class Undefined {
  /** What was looked for, for the error: `'dict object' has no attribute 'content'`. */
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

/** An object with attributes: `namespace(...)`, whose attributes templates may set, and `loop`, whose they may not. */
export class Namespace {
  readonly attributes: Dict;
  readonly writable: boolean;
  constructor(attributes: Dict, writable: boolean) {
    this.attributes = attributes;
    this.writable = writable;
  }
}

/** A tuple: a list but for how it prints, and that it equals no list. */
export class Tuple extends Array<Value> {
  /** What `map`, `filter` and `slice` make of a tuple is a list. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/** Named arguments of a call. */
export type Named = ReadonlyMap<string, Value>;

/** A function, method or macro. */
export class Callable {
  readonly call: (args: Value[], named: Named) => Value;
  constructor(call: (args: Value[], named: Named) => Value) {
    this.call = call;
  }
}

/** What Python or Jinja2 would raise while rendering. The renderer says where in the conversation it was. */
export function fail(actual: string): FormatError {
  return new FormatError("E_TPL_RENDER", "chat template", {
    expected: "the conversation to be one the template accepts",
    actual,
    hint: "Give the messages the shape that this model's template reads.",
  });
}

/** What Jinja2 has and this renderer does not: refused, since guessing would make a silently different prompt. */
export function unsupported(what: string): FormatError {
  return new FormatError("E_TPL_UNSUPPORTED", "chat template", {
    expected: "only what this renderer implements of Jinja2",
    actual: what,
    hint: "Render the prompt with Hugging Face, and run it with --raw.",
  });
}

/** The longest string or list a template may build, in UTF-16 units or elements. */
export const LARGEST = 1 << 24;

/** Refuses what is longer than a prompt can be, before it is built. */
export function limitLength(length: number, largest = LARGEST): void {
  if (length > largest) throw beyond(`lengths of at most ${largest}`, `${length}`);
}

/** The error for a template that wants more than a prompt can need. */
export function beyond(expected: string, actual: string): LimitError {
  return new LimitError("E_TPL_LIMIT", "chat template", {
    expected,
    actual,
    hint: "The template is broken or hostile; use the model's own.",
  });
}

/** The name of the value's type, as Python's messages have it. */
export function typeName(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "int";
  if (typeof value === "number") return "float";
  if (typeof value === "string") return "str";
  if (Array.isArray(value)) return value instanceof Tuple ? "tuple" : "list";
  if (value instanceof Map) return "dict";
  return value instanceof Undefined ? "Undefined" : value instanceof Namespace ? "Namespace" : "function";
}

/** Whether `if` takes the value for true: not None, False, 0, empty or undefined. */
export function truth(value: Value): boolean {
  if (value instanceof Map) return value.size > 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Undefined) return false;
  // NaN is true in Python and false in JavaScript
  return typeof value === "number" ? value !== 0 : Boolean(value);
}

/** The value as a number if Python can calculate with it; a bool is 0 or 1. */
export function numeric(value: Value): bigint | number | undefined {
  if (typeof value === "boolean") return value ? 1n : 0n;
  return typeof value === "bigint" || typeof value === "number" ? value : undefined;
}

/** Python's `==`: numbers by value whatever their type, lists and dicts by their elements. */
export function equal(a: Value, b: Value): boolean {
  const [x, y] = [numeric(a), numeric(b)];
  // `==`, since 1n == 1 compares the two types of numbers exactly
  if (x !== undefined || y !== undefined) return x !== undefined && y !== undefined && x == y;
  if (Array.isArray(a))
    return (
      Array.isArray(b) &&
      a instanceof Tuple === b instanceof Tuple &&
      a.length === b.length &&
      a.every((item, i) => equal(item, b[i] ?? null))
    );
  if (a instanceof Map) return b instanceof Map && a.size === b.size && sameEntries(a, b);
  if (a instanceof Undefined) return b instanceof Undefined;
  return a === b;
}

function sameEntries(a: Dict, b: Dict): boolean {
  for (const [key, value] of a) {
    const other = b.get(key);
    if (other === undefined || !equal(value, other)) return false;
  }
  return true;
}

/** Python's order: negative, zero or positive; NaN where neither is less. Fails on types that have no order. */
export function compare(a: Value, b: Value, operator = "<"): number {
  const [x, y] = [numeric(a), numeric(b)];
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : x >= y ? 0 : NaN;
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    const differs = a.findIndex((item, i) => i >= b.length || !equal(item, b[i]!));
    if (differs < 0) return a.length - b.length;
    return differs >= b.length ? 1 : compare(a[differs]!, b[differs]!, operator);
  }
  throw fail(`'${operator}' between ${typeName(a)} and ${typeName(b)}`);
}

/** By code points, where JavaScript compares UTF-16 units. */
export function compareText(a: string, b: string): number {
  const [x, y] = [Array.from(a), Array.from(b)];
  const differs = x.findIndex((character, i) => character !== y[i]);
  if (differs < 0) return x.length - y.length;
  return differs >= y.length ? 1 : x[differs]!.codePointAt(0)! - y[differs]!.codePointAt(0)!;
}

/** What a loop or a filter runs over: elements, characters, keys; nothing for an undefined value. */
export function iterate(value: Value): Value[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return Array.from(value);
  if (value instanceof Map) return [...value.keys()];
  if (value instanceof Undefined) return [];
  throw fail(`${typeName(value)} where something to loop over is needed`);
}
