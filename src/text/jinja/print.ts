/**
 * What `{{ value }}` prints: Python's `str()`.
 */
import { floatRepr, stringRepr } from "../python-text.ts";
import { Callable, Namespace, Tuple, Undefined, unsupported, type Value } from "./value.ts";

/** `str(value)`; nothing for an undefined value. */
export function str(value: Value): string {
  if (typeof value === "string") return value;
  return value instanceof Undefined ? "" : repr(value);
}

/** `repr(value)`: strings in quotes, as they stand inside lists and dicts. */
export function repr(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return floatRepr(value);
  if (typeof value === "string") return stringRepr(value);
  if (value instanceof Tuple) return `(${value.map(repr).join(", ")}${value.length === 1 ? "," : ""})`;
  if (Array.isArray(value)) return `[${value.map(repr).join(", ")}]`;
  if (value instanceof Map) return `{${[...value].map(([k, v]) => `${stringRepr(k)}: ${repr(v)}`).join(", ")}}`;
  if (value instanceof Undefined) return "Undefined";
  if (value instanceof Callable) throw unsupported("a function printed");
  if (value instanceof Namespace) throw unsupported("a namespace printed");
  return value satisfies never;
}
