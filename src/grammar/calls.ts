/** Calls of functions as QwQ writes them: JSON between tags, one call after another. */
import type { Json } from "../json/json.ts";
import { jsonString } from "./characters.ts";
import { choice, type Expression, literal, repeat, sequence } from "./expression.ts";
import { ANY_OBJECT } from "./json.ts";
import { schemaLanguage } from "./schema.ts";

/** A function that may be called; any object are its arguments where there is no schema. */
export interface Callable {
  readonly name: string;
  readonly parameters?: Json | undefined;
}

/** A model that calls as often as it may does not stop. */
const MOST_CALLS = 16;

/** One call of one of these, or several. Throws UsageError E_SCHEMA. */
export function callsLanguage(all: readonly Callable[], several: boolean): Expression {
  const one = sequence(literal("<tool_call>\n"), choice(...all.map(callLanguage)), literal("\n</tool_call>"));
  return several ? sequence(one, repeat(sequence(literal("\n"), one), 0, MOST_CALLS - 1)) : one;
}

function callLanguage({ name, parameters }: Callable): Expression {
  const given = parameters === undefined ? ANY_OBJECT : schemaLanguage(parameters, `${name}.parameters`);
  return sequence(literal('{"name": '), jsonString(name), literal(', "arguments": '), given, literal("}"));
}
