/** JSON as text: every number as it was read. */
import { type Json, JsonNumber } from "./json.ts";

/** The text of a value, without white space. A number keeps its literal: 1.0 stays 1.0. */
export function writeJson(value: Json): string {
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(writeJson).join(",")}]`;
  if (value instanceof Map) {
    return `{${[...value].map(([key, inner]) => `${JSON.stringify(key)}:${writeJson(inner)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
