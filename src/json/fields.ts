/**
 * Fields of JSON objects by name and kind, so that every reader of a file says the same sentence when one is wrong.
 */
import { FormatError } from "../errors.ts";
import { type Json, JsonNumber, type JsonObject } from "./json.ts";
import { quote } from "./quote.ts";

/** What a field may be asked to be, and what it then is in TypeScript. */
export interface Kinds {
  /** An integer literal within 2^53 - 1: not 1.0. */
  integer: number;
  /** Any finite number. */
  number: number;
  boolean: boolean;
  string: string;
  array: Json[];
  object: JsonObject;
}

/** Where a field stands, for its error. */
export interface Place {
  /** The file. */
  readonly path: string;
  /** The error's code if the field is absent or of another kind; E_JSON_FIELD unless told. */
  readonly code?: string;
  /** The names of the objects around it: "rope_scaling". */
  readonly inside?: string;
  readonly hint?: string;
}

const ARTICLE: Readonly<Record<keyof Kinds, string>> = {
  integer: "an integer",
  number: "a finite number",
  boolean: "true or false",
  string: "a string",
  array: "an array",
  object: "an object",
};

/**
 * The field `key`, which must be there and of that kind. `at` is the file's path, or more about the place.
 *
 * throws   FormatError E_JSON_FIELD (or the place's code); E_JSON_INT_RANGE for an integer beyond 2^53 - 1
 */
export function field<K extends keyof Kinds>(object: JsonObject, key: string, kind: K, at: string | Place): Kinds[K] {
  return as(object.get(key), kind, key, at);
}

/** The same, or `undefined` where it is absent or null, which config files use alike. */
export function optional<K extends keyof Kinds>(
  object: JsonObject,
  key: string,
  kind: K,
  at: string | Place,
): Kinds[K] | undefined {
  const value = object.get(key);
  return value === undefined || value === null ? undefined : as(value, kind, key, at);
}

/** A value that must be of that kind: a field called `name`, an element, or the document itself (`name` ""). */
export function as<K extends keyof Kinds>(
  value: Json | undefined,
  kind: K,
  name: string,
  at: string | Place,
): Kinds[K] {
  const place = typeof at === "string" ? { path: at } : at;
  const result = convert(value, kind);
  if (result !== undefined) return result as Kinds[K]; // convert's cases follow Kinds, which the compiler cannot see
  const tooLarge = kind === "integer" && value instanceof JsonNumber && Math.abs(value.value) > Number.MAX_SAFE_INTEGER;
  const full = place.inside === undefined ? name : `${place.inside}.${name}`;
  throw new FormatError(tooLarge ? "E_JSON_INT_RANGE" : (place.code ?? "E_JSON_FIELD"), place.path, {
    path: place.path,
    expected: `${full === "" ? "the document" : quote(full)} to be ${ARTICLE[kind]}${tooLarge ? " within 2^53 - 1" : ""}`,
    actual: describe(value),
    hint: place.hint ?? "The file is damaged or was edited by hand; get it again, or mend it there.",
  });
}

/** The value as that kind, or `undefined` if it is another. */
function convert(value: Json | undefined, kind: keyof Kinds): Kinds[keyof Kinds] | undefined {
  switch (kind) {
    case "integer":
      return typeof value === "number" ? value : undefined;
    case "number":
      if (value instanceof JsonNumber) return Number.isFinite(value.value) ? value.value : undefined;
      return typeof value === "number" ? value : undefined;
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "string":
      return typeof value === "string" ? value : undefined;
    case "array":
      return Array.isArray(value) ? value : undefined;
    case "object":
      return value instanceof Map ? value : undefined;
  }
}

/** A value in few words, for an error: `"text"`, `1.0`, `an array of 3`, `nothing`. */
export function describe(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return quote(value);
  if (value instanceof JsonNumber) return value.text.length > 80 ? `${value.text.slice(0, 80)}...` : value.text;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Map) return `an object with ${value.size} ${value.size === 1 ? "key" : "keys"}`;
  return String(value);
}
