/** Messages as OpenAI writes them, brought to what chat templates read. */
import { describe } from "../json/fields.ts";
import { type Json, type JsonObject, readJson } from "../json/json.ts";
import { QwqError } from "../errors.ts";
import { badField } from "./errors.ts";
import { Fields } from "./fields.ts";

/** "developer" is OpenAI's newer name of "system". */
const ROLES: Readonly<Record<string, string>> = { developer: "system" };

/**
 * The messages of a body. Parts of text become one text, arguments of calls an object, as templates want them; other
 * keys stay as they are.
 *
 * throws   RequestError, which names the message
 */
export function readMessages(body: Fields): JsonObject[] {
  const all = body.array("messages");
  if (all === undefined || all.length === 0) throw body.bad("messages", "at least one message");
  return all.map((message, i) => readMessage(new Fields(message, `messages[${i}]`)));
}

function readMessage(message: Fields): JsonObject {
  const role = message.string("role");
  if (role === undefined) throw message.bad("role", "a string");
  const read = new Map(message.json).set("role", ROLES[role] ?? role);
  const content = readContent(message);
  if (Array.isArray(content)) return read; // no parts at all: the template says what that is
  if (content === undefined) read.delete("content");
  else read.set("content", content);
  const calls = message.array("tool_calls");
  if (calls !== undefined) {
    read.set(
      "tool_calls",
      calls.map((call, i) => readCall(new Fields(call, message.name(`tool_calls[${i}]`)))),
    );
  } else if (content === undefined) throw message.bad("content", "a text, or parts of type text");
  if (calls !== undefined && content === undefined) read.set("content", "");
  return read;
}

/** A text, or the texts of its parts. */
function readContent(message: Fields): string | [] | undefined {
  const content = message.get("content");
  if (content === undefined || typeof content === "string") return content;
  if (!Array.isArray(content)) throw message.bad("content", "a text, or parts of type text");
  if (content.length === 0) return [];
  return content.map((part, i) => readPart(new Fields(part, message.name(`content[${i}]`)))).join("");
}

function readPart(part: Fields): string {
  const type = part.string("type");
  if (type !== "text") throw part.bad("type", '"text"', "This model reads text alone.");
  const text = part.string("text");
  if (text === undefined) throw part.bad("text", "a string");
  return text;
}

/** A call, its arguments as an object: as a text, templates would quote them a second time. */
function readCall(call: Fields): Json {
  const target = call.object("function");
  const name = target?.string("name");
  if (target === undefined || name === undefined) throw call.bad("function", 'an object with "name"');
  const given = target.get("arguments") ?? "{}";
  const read = typeof given === "string" ? parseArguments(given, target.name("arguments")) : given;
  if (!(read instanceof Map)) throw badField(target.name("arguments"), "the JSON of an object", describe(read));
  const inner = new Map(target.json).set("arguments", read);
  return new Map(call.json).set("function", inner);
}

function parseArguments(text: string, where: string): Json {
  try {
    return readJson(text.trim() === "" ? "{}" : text, where);
  } catch (error) {
    if (!(error instanceof QwqError)) throw error;
    throw badField(where, "the JSON of an object", `text of which ${error.expected} is missing`);
  }
}
