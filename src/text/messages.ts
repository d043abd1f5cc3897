/**
 * Conversations as Hugging Face's chat templates take them, checked and brought to Python's values.
 */
import { FormatError } from "../errors.ts";
import { type Json, JsonNumber } from "../json/json.ts";
import { quote } from "../json/quote.ts";
import type { Dict, Value } from "./jinja/value.ts";

/**
 * What may stand in a message or a tool: JSON. Of JavaScript's numbers the safe integers are ints and the others
 * floats; a `JsonNumber` is what its literal says (1.0 is a float), and a `bigint` is an int of any size. A property
 * that is `undefined` is not there.
 */
export type Content =
  | null
  | boolean
  | number
  | bigint
  | string
  | JsonNumber
  | readonly Content[]
  | ReadonlyMap<string, Content>
  | { readonly [key: string]: Content | undefined };

/** One turn. Templates may read further keys; `reasoning_content` is one. */
export interface Message {
  /** "system", "user", "assistant" or "tool"; some templates know others. */
  readonly role: string;
  readonly content?: Content;
  /** Calls the assistant made: `{ name, arguments }`, or the same inside `function`. `arguments` is an object. */
  readonly tool_calls?: Content;
  readonly [key: string]: Content | undefined;
}

/** The arguments of `apply_chat_template`. */
export interface Conversation {
  /** At least one; a Map is a message as `readJson` gives it. */
  readonly messages: readonly (Message | ReadonlyMap<string, Content>)[];
  /** JSON schemas of functions. */
  readonly tools?: readonly Content[] | null | undefined;
  readonly documents?: readonly Content[] | null | undefined;
  /** Whether the prompt ends with the opening of an assistant's turn; false unless told, as in Hugging Face. */
  readonly addGenerationPrompt?: boolean | undefined;
  /** The tokens that templates know by name, such as `eos_token`; `variables` of these names go before. */
  readonly specialTokens?: Readonly<Record<string, string | undefined>> | undefined;
  /** Further variables of the template: `enable_thinking`. */
  readonly variables?: Readonly<Record<string, Content>> | ReadonlyMap<string, Content> | undefined;
}

/** Keys of a message under which its thoughts may be given; templates read the first. */
const REASONING = ["reasoning_content", "thinking", "reasoning"] as const;
/** Nesting beyond which data is not a conversation; it also ends objects that contain themselves. */
const DEEPEST = 100;
/** Python refuses to read an int of more digits. */
const DIGITS = 4300;

/**
 * A conversation from a message file: `{"messages", "tools"?, "documents"?, "add_generation_prompt"?}`, or the array of
 * messages alone. Other keys become variables of the template, as `apply_chat_template` passes them on.
 *
 * throws   FormatError E_MSG_SCHEMA
 */
export function conversationFromJson(json: Json, path?: string): Conversation {
  if (Array.isArray(json)) return conversationFromJson(new Map<string, Json>([["messages", json]]), path);
  if (!(json instanceof Map)) throw schema("the conversation", 'an object with "messages"', json, path);
  const { messages, tools, documents, add_generation_prompt, ...variables } = Object.fromEntries(json);
  if (!Array.isArray(messages)) throw schema('"messages"', "an array", messages, path);
  const prompt = add_generation_prompt ?? false;
  if (typeof prompt !== "boolean") throw schema('"add_generation_prompt"', "true or false", prompt, path);
  const conversation: Conversation = {
    messages: messages.map((message, i) => {
      if (!(message instanceof Map)) throw schema(`messages[${i}]`, "an object", message, path);
      return message;
    }),
    tools: listOrNull(tools, '"tools"', path),
    documents: listOrNull(documents, '"documents"', path),
    addGenerationPrompt: prompt,
    variables,
  };
  return conversation;
}

/**
 * The variables a template is rendered with.
 *
 * As Hugging Face does, keys of messages that are None are left out, and thoughts are found under each name they go by.
 * An empty conversation, a message without a role, a tool that is not an object are refused.
 *
 * throws   FormatError E_MSG_SCHEMA
 * source   transformers tokenization_utils_base.py: apply_chat_template; utils/chat_template_utils.py:
 *          render_jinja_template, _alias_reasoning_fields
 */
export function templateVariables(conversation: Conversation): Dict {
  const { messages, tools, documents, addGenerationPrompt, specialTokens, variables } = conversation;
  if (!Array.isArray(messages) || messages.length === 0)
    throw schema("messages", "at least one message", Array.isArray(messages) ? [] : messages);
  const further = variables instanceof Map ? variables : Object.entries(variables ?? {});
  const all: Dict = new Map();
  for (const [name, value] of Object.entries(specialTokens ?? {})) if (value !== undefined) all.set(name, value);
  for (const [name, value] of further) all.set(name, toValue(value, name));
  all.set("messages", messages.map(messageValue));
  all.set("tools", objects(tools, "tools"));
  all.set("documents", objects(documents, "documents"));
  all.set("add_generation_prompt", addGenerationPrompt ?? false);
  return all;
}

function messageValue(message: Message | ReadonlyMap<string, Content>, i: number): Value {
  const place = `messages[${i}]`;
  const all = toValue(message, place);
  if (!(all instanceof Map)) throw schema(place, "an object", message);
  const given: Dict = new Map([...all].filter(([, value]) => value !== null));
  if (typeof given.get("role") !== "string") throw schema(`${place}.role`, "a string", given.get("role"));
  const reasoning = REASONING.map((key) => given.get(key)).find((value) => value !== undefined);
  if (reasoning === undefined) return given;
  return new Map([["thinking", reasoning], ...given, ["reasoning_content", reasoning]]);
}

function objects(list: readonly Content[] | null | undefined, name: string): Value {
  if (list === undefined || list === null) return null;
  if (!Array.isArray(list)) throw schema(name, "an array", list);
  return list.map((content: Content, i) => {
    const value = toValue(content, `${name}[${i}]`);
    if (!(value instanceof Map)) throw schema(`${name}[${i}]`, "an object", value);
    return value;
  });
}

/** JSON as Python would have read it. */
function toValue(content: unknown, place: string, depth = 0): Value {
  if (depth > DEEPEST) throw schema(place, `a nesting of at most ${DEEPEST}`, undefined);
  if (content === null || typeof content === "boolean" || typeof content === "bigint") return content;
  if (typeof content === "number") return Number.isSafeInteger(content) ? BigInt(content) : content;
  if (typeof content === "string") {
    if (/\p{Cs}/u.test(content)) throw schema(place, "whole surrogate pairs", content);
    return content;
  }
  if (content instanceof JsonNumber) return fromLiteral(content, place);
  if (Array.isArray(content)) return content.map((item, i) => toValue(item, `${place}[${i}]`, depth + 1));
  if (typeof content === "object" && (content instanceof Map || isPlain(content))) {
    const entries: [unknown, unknown][] = content instanceof Map ? [...content] : Object.entries(content);
    const present = entries.filter(([, value]) => value !== undefined);
    return new Map(
      present.map(([key, value]) => [keyOf(key, place), toValue(value, `${place}.${String(key)}`, depth + 1)]),
    );
  }
  throw schema(place, "JSON: null, a boolean, number, string, array or plain object", content);
}

function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === Object.prototype || prototype === null;
}

function keyOf(key: unknown, place: string): string {
  if (typeof key === "string") return key;
  throw schema(place, "keys that are strings", key);
}

function fromLiteral({ text, value }: JsonNumber, place: string): Value {
  if (/[.eE]/.test(text)) return value;
  if (text.length > DIGITS) throw schema(place, `an integer of at most ${DIGITS} digits`, undefined);
  return BigInt(text);
}

function listOrNull(json: Json | undefined, name: string, path: string | undefined): readonly Json[] | null {
  if (json === undefined || json === null) return null;
  if (!Array.isArray(json)) throw schema(name, "an array", json, path);
  return json;
}

function schema(where: string, expected: string, actual: unknown, path?: string): FormatError {
  return new FormatError("E_MSG_SCHEMA", where, {
    path,
    expected,
    actual: describe(actual),
    hint: "Give the conversation as Hugging Face's apply_chat_template takes it.",
  });
}

function describe(value: unknown): string {
  if (value === undefined) return "none";
  if (value === null) return "null";
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
