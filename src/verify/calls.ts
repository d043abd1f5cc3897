/** Verifies tool calls: that they can be read, that the tool is there, that its schema allows the arguments, and which. */
import type { Json, JsonObject } from "../json/json.ts";
import { JsonNumber } from "../json/json.ts";
import { parseReply, type ToolCall } from "../text/reply.ts";
import { answerOf } from "./answer.ts";
import { no, RIGHT, type Verdict } from "./verdict.ts";

/** A call that is asked for. */
export interface ExpectedCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, string | number | boolean | null>>;
}

/** What a tool takes: the part of JSON Schema that is understood here. */
export interface ToolSchema {
  readonly name: string;
  readonly parameters: {
    readonly properties: Readonly<Record<string, { readonly type: "string" | "number" | "integer" | "boolean" }>>;
    readonly required?: readonly string[];
  };
}

/**
 * Whether the reply calls exactly these tools, in any order, after its thoughts. Texts are compared without white space,
 * with one sign of times: 12 * 7, 12*7 and 12 \u00d7 7 are one expression.
 */
export function checkCalls(reply: string, expected: readonly ExpectedCall[], tools: readonly ToolSchema[]): Verdict {
  const found = answerOf(reply);
  if (!("answer" in found)) return found;
  const { toolCalls } = parseReply(reply, { opened: true, toolCalls: true });
  for (const call of toolCalls) {
    const why = malformed(call, tools);
    if (why !== undefined) return no("malformed", why);
  }
  if (toolCalls.length === 0 && expected.length > 0) return no("none", "No tool is called.");
  const left = toolCalls.map(({ name, arguments: given }) => canonical(name, Object.fromEntries(given)));
  for (const { name, arguments: wanted } of expected) {
    const at = left.indexOf(canonical(name, wanted));
    if (at < 0) return no("wrong", `The call of ${name} that was due is not there.`);
    left.splice(at, 1);
  }
  return left.length === 0 ? RIGHT : no("several", `${left.length} calls more than were due.`);
}

/** Why a call is none that its tool could take; `undefined` where it is one. */
export function malformed(call: ToolCall, tools: readonly ToolSchema[]): string | undefined {
  if (call.error !== undefined) return `A call could not be read: ${call.error}`;
  const tool = tools.find(({ name }) => name === call.name);
  if (tool === undefined) return `There is no tool ${JSON.stringify(call.name.slice(0, 40))}.`;
  return wrongArguments(call.arguments, tool);
}

function wrongArguments(given: JsonObject, { name, parameters }: ToolSchema): string | undefined {
  const { properties, required = [] } = parameters;
  const missing = required.find((key) => !given.has(key));
  if (missing !== undefined) return `${name} is called without ${JSON.stringify(missing)}.`;
  for (const [key, value] of given) {
    if (!Object.hasOwn(properties, key)) return `${name} takes no ${JSON.stringify(key.slice(0, 40))}.`;
    const { type } = properties[key]!;
    if (!TYPES[type](value)) return `${name} takes ${JSON.stringify(key)} as ${type}.`;
  }
  return undefined;
}

const isNumber = (value: Json) => typeof value === "number" || value instanceof JsonNumber;

const TYPES: Readonly<Record<ToolSchema["parameters"]["properties"][string]["type"], (value: Json) => boolean>> = {
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  number: isNumber,
  integer: (value) => isNumber(value) && Number.isInteger(plainValue(value)),
};

function plainValue(value: Json | undefined): unknown {
  return value instanceof JsonNumber ? value.value : value;
}

function canonical(name: string, values: Readonly<Record<string, Json>>): string {
  const fields = Object.entries(values).map(([key, value]) => {
    const plain = plainValue(value);
    return [key, typeof plain === "string" ? plain.replace(/\s+/g, "").replaceAll("\u00d7", "*") : plain] as const;
  });
  return JSON.stringify([name, fields.sort(([a], [b]) => (a < b ? -1 : 1))]);
}
