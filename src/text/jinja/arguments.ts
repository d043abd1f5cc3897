/**
 * Arguments of methods, filters and functions, brought to the type they must have.
 */
import { fail, iterate, numeric, typeName, Undefined, type Value } from "./value.ts";

/** A string that must be given. */
export function text(value: Value | undefined): string {
  if (typeof value === "string") return value;
  throw fail(`${value === undefined ? "nothing" : typeName(value)} where a string is needed`);
}

/** A string, or `undefined` for None and for nothing. */
export function optionalText(value: Value | undefined): string | undefined {
  return value === undefined || value === null ? undefined : text(value);
}

/** An int that must be given. */
export function whole(value: Value | undefined): number {
  const x = value === undefined ? undefined : numeric(value);
  if (typeof x === "bigint") return Number(x);
  throw fail(`${value === undefined ? "nothing" : typeName(value)} where an int is needed`);
}

/** Something to loop over. */
export function iterated(value: Value | undefined): Value[] {
  if (value === undefined || value instanceof Undefined) throw fail("nothing to loop over");
  return iterate(value);
}
