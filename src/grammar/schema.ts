/**
 * A JSON schema as a language: the texts that are valid by it, in the order and the spelling of a tidy printer.
 *
 * - Members come in the order in which the schema names them; those that are not required may be left out. Others come
 *   only where `additionalProperties` says so, after them. Where it is not said: none, unless no member is named at all.
 * - `oneOf` is read as `anyOf`. `allOf`, and words beside `$ref`, become one schema.
 * - What cannot be followed (keywords.ts) is refused.
 *
 * source   JSON Schema 2020-12, Core and Validation
 */
import { describe } from "../json/fields.ts";
import { type Json, type JsonObject } from "../json/json.ts";
import { writeJson } from "../json/write.ts";
import { STRING_CHARACTER } from "./characters.ts";
import { choice, type Expression, literal, NEVER, repeat, rule, sequence } from "./expression.ts";
import { FORMATS } from "./formats.ts";
import { ANY, ANY_ARRAY, ANY_OBJECT, arrayOf, BOOLEAN, COLON, NULL, objectOf, STRING } from "./json.ts";
import { badSchema, checkWords, countOf, merged, numberOf, type Type, typesOf } from "./keywords.ts";
import { otherKeys } from "./keys.ts";
import { INTEGER, integerWithin, NUMBER, numberWithin } from "./numbers.ts";
import { patternLanguage } from "./pattern.ts";

/** Schemas within a schema, counting each as often as it is read; beyond it a schema is made to do harm. */
const MOST_SCHEMAS = 20_000;
/** How often a schema may refer to one that refers to another. */
const MOST_REFERENCES = 64;

/** The language of a schema. `where` names it in errors. Throws UsageError E_SCHEMA. */
export function schemaLanguage(schema: Json, where = "schema"): Expression {
  return new SchemaReader(schema, where).language(schema, where);
}

/** Any JSON object. */
export const OBJECT_LANGUAGE: Expression = ANY_OBJECT;

class SchemaReader {
  private readonly root: Json;
  private readonly where: string;
  private readonly references = new Map<string, Expression>();
  private count = 0;

  constructor(root: Json, where: string) {
    this.root = root;
    this.where = where;
  }

  language(schema: Json, where: string): Expression {
    if (++this.count > MOST_SCHEMAS) throw badSchema(this.where, `at most ${MOST_SCHEMAS} schemas`, "more");
    if (schema === true) return ANY;
    if (schema === false) return NEVER;
    const given = this.object(schema, where);
    const only = [...given.keys()].every((key) => key === "$ref" || key === "description" || key === "title");
    if (given.has("$ref") && only) return this.reference(given.get("$ref")!, where);
    return this.flat(this.flattened(given, where, 0), where);
  }

  /** A schema without $ref and allOf. */
  private flat(schema: JsonObject, where: string): Expression {
    for (const word of ["anyOf", "oneOf"]) {
      const options = schema.get(word);
      if (options === undefined) continue;
      if (!Array.isArray(options)) throw badSchema(`${where}.${word}`, "an array", describe(options));
      const rest: JsonObject = new Map(schema);
      rest.delete(word);
      return choice(...options.map((option, i) => this.option(rest, option, `${where}.${word}[${i}]`)));
    }
    const types = typesOf(schema, where);
    const values = schema.has("const") ? [schema.get("const")!] : schema.get("enum");
    if (values !== undefined) return enumerated(values, types, where);
    return choice(...types.map((type) => this.typed(type, schema, types, where)));
  }

  private option(rest: JsonObject, option: Json, where: string): Expression {
    if (option === true) return this.language(rest, where);
    if (option === false) return NEVER;
    const plain = [...rest.keys()].every((key) => key.startsWith("$") || key === "title" || key === "description");
    if (plain) return this.language(option, where);
    const flat = this.flattened(this.object(option, where), where, 0);
    return this.language(merged(rest, flat, where), where);
  }

  private typed(type: Type, schema: JsonObject, types: readonly Type[], where: string): Expression {
    switch (type) {
      case "object":
        return this.members(schema, where);
      case "array":
        return this.elements(schema, where);
      case "string":
        return text(schema, where);
      case "integer":
        return types.includes("number") ? NEVER : number(schema, INTEGER, integerWithin, where);
      case "number":
        return number(schema, NUMBER, numberWithin, where);
      case "boolean":
        return BOOLEAN;
      case "null":
        return NULL;
    }
  }

  private members(schema: JsonObject, where: string): Expression {
    const given = schema.get("properties");
    const properties = given === undefined ? new Map<string, Json>() : this.object(given, `${where}.properties`);
    const required = strings(schema, "required", where);
    const others = schema.get("additionalProperties") ?? (given === undefined && required.length === 0);
    const [least, most] = [countOf(schema, "minProperties", where), countOf(schema, "maxProperties", where)];
    const unnamed = required.filter((key) => !properties.has(key));
    const free = schema.get("additionalProperties") ?? true;
    const members = [...properties, ...unnamed.map((key) => [key, free] as const)].map(([key, value]) => ({
      key,
      value: this.language(value, `${where}.properties.${key}`),
      required: required.includes(key),
    }));
    if ((least !== undefined || most !== undefined) && members.length > 0) {
      throw badSchema(where, "minProperties and maxProperties only without properties", "both");
    }
    if (others === true && members.length === 0 && least === undefined && most === undefined) return ANY_OBJECT;
    const key = otherKeys(members.map((member) => member.key));
    const other =
      others === false ? NEVER : sequence(key, COLON, this.language(others, `${where}.additionalProperties`));
    return objectOf(members, other, least, most);
  }

  private elements(schema: JsonObject, where: string): Expression {
    const [items, prefix] = [schema.get("items") ?? true, schema.get("prefixItems") ?? []];
    const [least = 0, most = Infinity] = [countOf(schema, "minItems", where), countOf(schema, "maxItems", where)];
    if (!Array.isArray(prefix)) throw badSchema(`${where}.prefixItems`, "an array", describe(prefix));
    if (items === true && prefix.length === 0 && least === 0 && most === Infinity) return ANY_ARRAY;
    const first = prefix.map((one, i) => this.language(one, `${where}.prefixItems[${i}]`));
    return arrayOf(first, this.language(items, `${where}.items`), least, most);
  }

  /** One schema of a schema, of what it refers to, and of what it must be besides. */
  private flattened(schema: JsonObject, where: string, depth: number): JsonObject {
    if (depth > MOST_REFERENCES) throw badSchema(where, "references that come to an end", "a circle of them");
    checkWords(schema, where);
    const [reference, all] = [schema.get("$ref"), schema.get("allOf") ?? []];
    if (!Array.isArray(all)) throw badSchema(`${where}.allOf`, "an array", describe(all));
    const parts = reference === undefined ? all : [this.resolved(reference, where), ...all];
    let whole: JsonObject = new Map(schema);
    whole.delete("$ref");
    whole.delete("allOf");
    for (const part of parts) {
      if (part === true) continue;
      if (part === false) return new Map<string, Json>([["enum", []]]);
      whole = merged(whole, this.flattened(this.object(part, where), where, depth + 1), where);
    }
    return whole;
  }

  /** What a reference leads to, which may lead back. */
  private reference(reference: Json, where: string): Expression {
    const key = String(reference);
    let language = this.references.get(key);
    if (language === undefined) {
      const schema = this.resolved(reference, where);
      this.references.set(key, (language = rule(() => made)));
      const made = this.language(schema, `${this.where}(${key})`);
    }
    return language;
  }

  /** The schema that a JSON pointer of this document names. */
  private resolved(reference: Json, where: string): Json {
    const path = typeof reference === "string" && /^#(\/|$)/.test(reference) ? reference.slice(2) : undefined;
    if (path === undefined) throw badSchema(`${where}.$ref`, '"#" or "#/$defs/..."', describe(reference));
    let at: Json | undefined = this.root;
    for (const step of path === "" ? [] : path.split("/")) {
      const key = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
      at = at instanceof Map ? at.get(key) : Array.isArray(at) ? at[Number(key)] : undefined;
    }
    if (at === undefined) throw badSchema(`${where}.$ref`, "a schema of this document", describe(reference));
    return at;
  }

  private object(schema: Json, where: string): JsonObject {
    if (schema instanceof Map) return schema;
    throw badSchema(where, "an object, true or false", describe(schema));
  }
}

function enumerated(values: Json, types: readonly Type[], where: string): Expression {
  if (!Array.isArray(values)) throw badSchema(`${where}.enum`, "an array", describe(values));
  const fits = values.filter((value) => types.some((type) => isOf(value, type)));
  return choice(...fits.map((value) => literal(writeJson(value))));
}

function isOf(value: Json, type: Type): boolean {
  if (value === null) return type === "null";
  if (Array.isArray(value)) return type === "array";
  if (value instanceof Map) return type === "object";
  if (typeof value === "boolean" || typeof value === "string") return type === typeof value;
  return type === "number" || (type === "integer" && (typeof value === "number" || Number.isInteger(value.value)));
}

function text(schema: JsonObject, where: string): Expression {
  const [least, most] = [countOf(schema, "minLength", where), countOf(schema, "maxLength", where)];
  const [pattern, format] = [schema.get("pattern"), schema.get("format")];
  const known = typeof format === "string" ? FORMATS.get(format) : undefined;
  if (pattern === undefined && known === undefined) {
    if (least === undefined && most === undefined) return STRING;
    return sequence(literal('"'), repeat(STRING_CHARACTER, least, most), literal('"'));
  }
  if (pattern !== undefined && typeof pattern !== "string") {
    throw badSchema(`${where}.pattern`, "a string", describe(pattern));
  }
  if (least !== undefined || most !== undefined || (pattern !== undefined && known !== undefined)) {
    throw badSchema(where, "one of pattern, format, and a length", "several", "Write the length into the pattern.");
  }
  return sequence(literal('"'), patternLanguage(pattern ?? `^(?:${known})$`, `${where}.pattern`), literal('"'));
}

function number(schema: JsonObject, free: Expression, within: typeof numberWithin, where: string): Expression {
  const bound = (closed: string, open: string, sign: 1 | -1) => {
    const [a, b] = [numberOf(schema, closed, where), numberOf(schema, open, where)];
    if (a === undefined && b === undefined) return undefined;
    const strict = b !== undefined && (a === undefined || sign * b >= sign * a);
    return { value: strict ? b : a!, open: strict };
  };
  const [least, most] = [bound("minimum", "exclusiveMinimum", 1), bound("maximum", "exclusiveMaximum", -1)];
  return least === undefined && most === undefined ? free : within({ least, most });
}

function strings(schema: JsonObject, word: string, where: string): string[] {
  const value = schema.get(word) ?? [];
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return [...new Set(value)];
  throw badSchema(`${where}.${word}`, "an array of strings", describe(value));
}
