/** The body of POST /v1/chat/completions. */
import { describe } from "../json/fields.ts";
import type { Json, JsonObject } from "../json/json.ts";
import { badField } from "./errors.ts";
import { Fields } from "./fields.ts";
import { readMessages } from "./messages.ts";
import { readSettings, type Settings } from "./settings.ts";

/** What is asked for. */
export interface ChatRequest extends Settings {
  readonly model: string | undefined;
  readonly messages: readonly JsonObject[];
  /** Functions that the model may call; none where it must not. */
  readonly tools: readonly JsonObject[];
  /** Whether it must call one: any, or that of this name. */
  readonly mustCall: boolean | string;
  /** Whether it may call several at once. */
  readonly parallel: boolean;
  /** How many of the likeliest tokens are told beside each one; undefined where none at all is. */
  readonly logprobs: number | undefined;
  /** What the answer must be: any text, any JSON object, or what fits a schema. */
  readonly format: Format;
  /** At most so many tokens of thoughts. */
  readonly thinkTokens: number | undefined;
}

export type Format =
  { readonly type: "text" | "json_object" } | { readonly type: "json_schema"; readonly schema: JsonObject };

/** Tools that one request may bring. */
const MOST_TOOLS = 128;
const MOST_LOGPROBS = 20;

/** Fields of OpenAI's interface that would change the reply and have no meaning here. */
const UNKNOWN = ["functions", "function_call", "audio", "prediction", "web_search_options"];

/** Reads it. Throws RequestError. */
export function readChat(json: Json, vocabulary: number): ChatRequest {
  const body = new Fields(json);
  body.refuse(UNKNOWN, "This server does not know it; leave it out.");
  const tools = readTools(body);
  const choice = readChoice(body, tools);
  const wanted = body.boolean("logprobs") ?? false;
  const top = body.integer("top_logprobs", 0, MOST_LOGPROBS);
  if (top !== undefined && !wanted) throw badField("top_logprobs", "logprobs to be true with it", "logprobs false");
  return {
    ...readSettings(body, vocabulary),
    model: body.string("model"),
    messages: readMessages(body),
    tools: choice === "none" ? [] : tools,
    mustCall: choice === "required" ? true : typeof choice === "string" ? false : choice.name,
    parallel: body.boolean("parallel_tool_calls") ?? true,
    logprobs: wanted ? (top ?? 0) : undefined,
    format: readFormat(body),
    thinkTokens: body.integer("thinking_budget", 0, 2 ** 31 - 1),
  };
}

function readTools(body: Fields): JsonObject[] {
  const all = body.array("tools") ?? [];
  if (all.length > MOST_TOOLS) throw body.bad("tools", `at most ${MOST_TOOLS}`);
  return all.map((one, i) => {
    const tool = new Fields(one, `tools[${i}]`);
    if (tool.string("type") !== "function") throw tool.bad("type", '"function"');
    const target = tool.object("function");
    if (target?.string("name") === undefined) throw tool.bad("function", 'an object with "name"');
    target.object("parameters");
    return tool.json;
  });
}

/** The name of a tool. */
export function nameOf(tool: JsonObject): string {
  return new Fields(tool.get("function")).string("name")!;
}

type Choice = "none" | "auto" | "required" | { readonly name: string };

function readChoice(body: Fields, tools: readonly JsonObject[]): Choice {
  const value = body.get("tool_choice") ?? "auto";
  if (value === "none" || value === "auto") return value;
  if (value !== "required" && !(value instanceof Map)) {
    throw body.bad("tool_choice", '"none", "auto", "required" or a function');
  }
  if (tools.length === 0) throw badField("tools", "at least one tool, since tool_choice asks for a call", "none");
  if (value === "required") return value;
  const target = new Fields(value, "tool_choice").object("function");
  const name = target?.string("name");
  if (name !== undefined && tools.some((tool) => nameOf(tool) === name)) return { name };
  throw badField("tool_choice.function.name", "the name of one of the tools", describe(name));
}

function readFormat(body: Fields): Format {
  const format = body.object("response_format");
  if (format === undefined) return { type: "text" };
  const type = format.word("type", ["text", "json_object", "json_schema"]);
  if (type === undefined) throw format.bad("type", "one of text, json_object, json_schema");
  if (type !== "json_schema") return { type };
  const schema = format.object("json_schema")?.object("schema");
  if (schema === undefined) throw format.bad("json_schema", 'an object with "schema"');
  return { type, schema: schema.json };
}
