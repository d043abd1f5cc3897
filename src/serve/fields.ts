/** The fields of a request's body, read one by one; null counts as absent, as in OpenAI's interface. */
import { describe, type Kinds } from "../json/fields.ts";
import { type Json, JsonNumber, type JsonObject } from "../json/json.ts";
import { badField } from "./errors.ts";

/** An object of the body. */
export class Fields {
  readonly json: JsonObject;
  private readonly inside: string;

  /** `inside` is its own name, "" for the body. Throws RequestError where it is no object. */
  constructor(json: Json | undefined, inside = "") {
    if (!(json instanceof Map)) throw badField(inside || "body", "a JSON object", describe(json));
    this.json = json;
    this.inside = inside;
  }

  /** A field's full name. */
  name(key: string): string {
    return this.inside === "" ? key : `${this.inside}.${key}`;
  }

  get(key: string): Json | undefined {
    return this.json.get(key) ?? undefined;
  }

  integer(key: string, least: number, most: number): number | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    const whole = value instanceof JsonNumber ? value.value : value; // 16.0 is 16
    if (typeof whole === "number" && Number.isSafeInteger(whole) && whole >= least && whole <= most) return whole;
    throw this.bad(key, `a whole number from ${least} to ${most}`);
  }

  number(key: string, least: number, most: number): number | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    const number = value instanceof JsonNumber ? value.value : value;
    if (typeof number === "number" && number >= least && number <= most) return number;
    throw this.bad(key, `a number from ${least} to ${most}`);
  }

  boolean(key: string): boolean | undefined {
    return this.of(key, "true or false", (value) => typeof value === "boolean");
  }

  string(key: string): string | undefined {
    return this.of(key, "a string", (value) => typeof value === "string");
  }

  array(key: string): Json[] | undefined {
    return this.of(key, "an array", (value) => Array.isArray(value));
  }

  object(key: string): Fields | undefined {
    const value = this.get(key);
    return value === undefined ? undefined : new Fields(value, this.name(key));
  }

  /** One of these words. */
  word<W extends string>(key: string, words: readonly W[]): W | undefined {
    const text = this.string(key);
    if (text === undefined || words.includes(text as W)) return text as W | undefined;
    throw this.bad(key, `one of ${words.join(", ")}`);
  }

  /** Refuses fields that would change the reply and that this server does not know. */
  refuse(keys: readonly string[], hint: string): void {
    for (const key of keys) if (this.get(key) !== undefined) throw this.bad(key, "nothing", hint);
  }

  bad(key: string, expected: string, hint?: string) {
    return badField(this.name(key), expected, describe(this.json.get(key)), hint);
  }

  private of<T extends Kinds[keyof Kinds]>(key: string, expected: string, is: (value: Json) => boolean): T | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (!is(value)) throw this.bad(key, expected);
    return value as T;
  }
}
