/**
 * Values as Python has them, where JavaScript has fewer kinds: whole numbers of any size beside floats, tuples beside
 * lists, keys of any kind.
 */

/** A float: 1.0 is another type than 1, and the same value. */
export class PyFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A tuple. */
export class PyTuple {
  readonly items: readonly PyValue[];
  constructor(items: readonly PyValue[]) {
    this.items = items;
  }
}

/** A value of another kind, known by how it is written: bytes, a complex number. */
export class PyOther {
  readonly type: string;
  readonly text: string;
  constructor(type: string, text: string) {
    this.type = type;
    this.text = text;
  }
}

/** A `bigint` is an int, an array is a list, a Map is a dict in the order of its keys. */
export type PyValue = null | boolean | string | bigint | PyFloat | PyTuple | PyOther | readonly PyValue[] | PyDict;

export type PyDict = ReadonlyMap<PyValue, PyValue>;

/** `type(value).__name__`. */
export function typeName(value: PyValue): string {
  if (value === null) return "NoneType";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "str";
  if (typeof value === "bigint") return "int";
  if (value instanceof PyFloat) return "float";
  if (value instanceof PyTuple) return "tuple";
  if (value instanceof PyOther) return value.type;
  return value instanceof Map ? "dict" : "list";
}

/** `bool(value)`. */
export function truth(value: PyValue): boolean {
  if (value instanceof PyFloat) return value.value !== 0;
  if (value instanceof PyTuple) return value.items.length > 0;
  if (value instanceof Map) return value.size > 0;
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** `a == b`: True is 1 and 1 is 1.0; a list is no tuple; a dict's keys have no order. */
export function equal(a: PyValue, b: PyValue): boolean {
  const [x, y] = [number(a), number(b)];
  // a bigint and a number compare exactly, and NaN is nothing's equal
  if (x !== undefined && y !== undefined) return x == y;
  if (a instanceof PyTuple && b instanceof PyTuple) return sameItems(a.items, b.items);
  if (Array.isArray(a) && Array.isArray(b)) return sameItems(a as readonly PyValue[], b as readonly PyValue[]);
  if (a instanceof PyOther && b instanceof PyOther) return a.type === b.type && a.text === b.text;
  if (a instanceof Map && b instanceof Map) return sameFields(a as PyDict, b as PyDict);
  return a === b;
}

/** Whether a list holds a value, as `in` says. */
export function isIn(value: PyValue, list: readonly PyValue[]): boolean {
  return list.some((item) => item === value || equal(item, value));
}

/** The value under a key that is equal, whatever its type; `undefined` where there is none. */
export function get(dict: PyDict, key: PyValue): PyValue | undefined {
  const found = dict.get(key);
  if (found !== undefined || typeof key === "string") return found;
  for (const [own, value] of dict) if (equal(own, key)) return value;
  return undefined;
}

function number(value: PyValue): bigint | number | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1n : 0n;
  return value instanceof PyFloat ? value.value : undefined;
}

function sameItems(a: readonly PyValue[], b: readonly PyValue[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index] || equal(item, b[index]!));
}

function sameFields(a: PyDict, b: PyDict): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = get(b, key);
    if (other === undefined || !equal(value, other)) return false;
  }
  return true;
}
