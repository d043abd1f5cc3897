/** The words of a JSON schema, and two schemas as one. */
import { UsageError } from "../errors.ts";
import { describe } from "../json/fields.ts";
import { type Json, JsonNumber, type JsonObject } from "../json/json.ts";
import { writeJson } from "../json/write.ts";

/** Words that say what no automaton of ours follows. A schema with one of them is refused rather than half obeyed. */
const REFUSED: ReadonlySet<string> = new Set([
  ...["not", "if", "then", "else", "contains", "minContains", "maxContains", "uniqueItems", "patternProperties"],
  ...["propertyNames", "dependentRequired", "dependentSchemas", "dependencies", "unevaluatedProperties"],
  ...["unevaluatedItems", "multipleOf", "$dynamicRef", "$recursiveRef", "additionalItems"],
]);
/** Words that say nothing of what is valid, or are read where they stand. */
const REMARKS: ReadonlySet<string> = new Set([
  ...["title", "description", "default", "examples", "$schema", "$id", "$comment", "$defs", "definitions", "$anchor"],
  ...["deprecated", "readOnly", "writeOnly", "contentEncoding", "contentMediaType", "contentSchema", "strict"],
]);

export const TYPES = ["object", "array", "string", "number", "integer", "boolean", "null"] as const;
export type Type = (typeof TYPES)[number];

/** Which type some words are about, for schemas that leave "type" out. */
const WORDS: readonly (readonly [Type, readonly string[]])[] = [
  ["object", ["properties", "required", "additionalProperties", "minProperties", "maxProperties"]],
  ["array", ["items", "prefixItems", "minItems", "maxItems"]],
  ["string", ["minLength", "maxLength", "pattern", "format"]],
  ["number", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]],
];

export function badSchema(where: string, expected: string, actual: string, hint?: string): UsageError {
  return new UsageError("E_SCHEMA", where, { expected, actual, hint: hint ?? "Correct the schema." });
}

/** Refuses what cannot be obeyed. */
export function checkWords(schema: JsonObject, where: string): void {
  for (const word of schema.keys()) {
    if (word === "uniqueItems" && schema.get(word) === false) continue;
    if (!REFUSED.has(word)) continue;
    throw badSchema(
      where,
      "words that a grammar can follow",
      JSON.stringify(word),
      "Leave it out, and check the reply.",
    );
  }
}

/** The types that a schema allows: those it names, else those its words are about, else all. */
export function typesOf(schema: JsonObject, where: string): readonly Type[] {
  const given = schema.get("type");
  if (given === undefined) {
    const about = WORDS.filter(([, words]) => words.some((word) => schema.has(word))).map(([type]) => type);
    return about.length > 0 ? about : TYPES;
  }
  const all = Array.isArray(given) ? given : [given];
  for (const type of all) {
    if (!TYPES.includes(type as Type)) throw badSchema(`${where}.type`, `one of ${TYPES.join(", ")}`, describe(type));
  }
  return all as Type[];
}

/** A number of a schema; undefined where there is none. */
export function numberOf(schema: JsonObject, word: string, where: string): number | undefined {
  const value = schema.get(word);
  if (value === undefined) return undefined;
  const number = value instanceof JsonNumber ? value.value : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw badSchema(`${where}.${word}`, "a number", describe(value));
}

/** A number of elements, letters or members. */
export function countOf(schema: JsonObject, word: string, where: string): number | undefined {
  const number = numberOf(schema, word, where);
  if (number === undefined || (Number.isSafeInteger(number) && number >= 0)) return number;
  throw badSchema(`${where}.${word}`, "a whole number from 0", String(number));
}

const LARGER = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
const SMALLER = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];

/** One schema that asks for what both do. Throws UsageError E_SCHEMA where two words cannot be made one. */
export function merged(a: JsonObject, b: JsonObject, where: string): JsonObject {
  checkClosed(a, b, where);
  checkClosed(b, a, where);
  const both: JsonObject = new Map(a);
  for (const [word, value] of b) {
    const before = a.get(word);
    if (REMARKS.has(word)) continue;
    both.set(word, before === undefined ? value : together(word, before, value, where));
  }
  return both;
}

function together(word: string, a: Json, b: Json, where: string): Json {
  if (LARGER.includes(word)) return number(a) >= number(b) ? a : b;
  if (SMALLER.includes(word)) return number(a) <= number(b) ? a : b;
  if (word === "required" && Array.isArray(a) && Array.isArray(b)) return [...new Set([...a, ...b])];
  if (word === "enum" && Array.isArray(a) && Array.isArray(b)) return common(a, b);
  if (word === "type") return commonTypes(a, b);
  if (word === "properties" && a instanceof Map && b instanceof Map) {
    const all: JsonObject = new Map(a);
    for (const [key, value] of b) all.set(key, all.has(key) ? both(all.get(key)!, value) : value);
    return all;
  }
  if (word === "items" || word === "additionalProperties") return a === false || b === false ? false : both(a, b);
  if (word === "allOf" && Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  if (writeJson(a) === writeJson(b)) return a;
  throw badSchema(where, `one ${JSON.stringify(word)}`, "two that differ", "Write them as one.");
}

function both(a: Json, b: Json): Json {
  return new Map<string, Json>([["allOf", [a, b]]]);
}

function number(value: Json): number {
  return value instanceof JsonNumber ? value.value : Number(value);
}

function common(a: readonly Json[], b: readonly Json[]): Json[] {
  const texts = new Set(b.map(writeJson));
  return a.filter((value) => texts.has(writeJson(value)));
}

/** An integer is a number. */
function commonTypes(a: Json, b: Json): Json[] {
  const [x, y] = [a, b].map((types) => (Array.isArray(types) ? types : [types]));
  const has = (types: readonly Json[], type: Json) =>
    types.includes(type) || (type === "integer" && types.includes("number"));
  return [...new Set([...x!, ...y!])].filter((type) => has(x!, type) && has(y!, type));
}

/** Where one schema forbids members that it does not name itself, the other may name no further ones. */
function checkClosed(a: JsonObject, b: JsonObject, where: string): void {
  const [other, ours, theirs] = [a.get("additionalProperties"), a.get("properties"), b.get("properties")];
  if (other === undefined || other === true || !(theirs instanceof Map)) return;
  const further = [...theirs.keys()].find((key) => !(ours instanceof Map && ours.has(key)));
  if (further === undefined) return;
  throw badSchema(where, "properties that all parts of allOf name", JSON.stringify(further), "Write the parts as one.");
}
