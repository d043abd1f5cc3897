import { describe, expect, test } from "vitest";
import { QwqError } from "../../src/errors.ts";
import { readJson } from "../../src/json/json.ts";
import { type Content, type Conversation, conversationFromJson, templateVariables } from "../../src/text/messages.ts";

const read = (json: string) => templateVariables(conversationFromJson(readJson(json, "m.json"), "m.json"));
const first = (message: Record<string, Content | undefined>) => {
  const messages = templateVariables({ messages: [{ role: "user", ...message }] }).get("messages");
  return Array.isArray(messages) ? messages[0] : undefined;
};

/** The sentence of the error. */
function refusal(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof QwqError && error.code === "E_MSG_SCHEMA") return error.message;
    throw error;
  }
  throw new Error("not refused");
}

describe("a conversation", () => {
  test("from a file keeps every number as Python reads it: ints exact, floats floats", () => {
    const variables = read(
      '{"messages": [{"role": "user", "a": 1, "b": 1.0, "c": 1e2, "d": 18446744073709551617, "e": -0}]}',
    );
    const [message] = variables.get("messages") as Map<string, unknown>[];
    expect([...message!.values()]).toEqual(["user", 1n, 1, 100, 18446744073709551617n, 0n]);
  });

  test("may be the array of messages alone", () => {
    expect(read('[{"role": "user", "content": "x"}]')).toEqual(
      read('{"messages": [{"role": "user", "content": "x"}]}'),
    );
  });

  test("has no tools, no documents and no generation prompt unless told", () => {
    const variables = read('[{"role": "user"}]');
    expect([variables.get("tools"), variables.get("documents"), variables.get("add_generation_prompt")]).toEqual([
      null,
      null,
      false,
    ]);
  });

  test("hands other keys on as variables of the template", () => {
    expect(read('{"messages": [{"role": "user"}], "enable_thinking": false}').get("enable_thinking")).toBe(false);
  });

  test("gives the template the special tokens that have names; a variable of that name goes before", () => {
    const messages = [{ role: "user" }];
    const specialTokens = { bos_token: undefined, eos_token: "a", pad_token: "b" };
    const variables = templateVariables({ messages, specialTokens, variables: { eos_token: "c" } });
    expect([variables.has("bos_token"), variables.get("eos_token"), variables.get("pad_token")]).toEqual([
      false,
      "c",
      "b",
    ]);
  });

  test("of JavaScript: safe integers are ints, other numbers floats, undefined and null keys are not there", () => {
    expect(first({ a: 1, b: 1.5, c: 2 ** 60, d: undefined, e: null, f: 5n, g: { h: null } })).toEqual(
      new Map<string, unknown>([
        ["role", "user"],
        ["a", 1n],
        ["b", 1.5],
        ["c", 2 ** 60],
        ["f", 5n],
        ["g", new Map([["h", null]])],
      ]),
    );
  });

  test("gives thoughts under each name templates know", () => {
    for (const key of ["reasoning_content", "thinking", "reasoning"]) {
      const message = first({ [key]: "hm" }) as Map<string, unknown>;
      expect([message.get("thinking"), message.get("reasoning_content")]).toEqual(["hm", "hm"]);
    }
  });
});

describe("what is not a conversation is refused", () => {
  const bad = (conversation: unknown) => () => templateVariables(conversation as Conversation);
  const itself: Record<string, unknown> = { role: "user" };
  itself["content"] = itself;

  test.each([
    ["no messages", () => read('{"messages": []}'), "messages: expected at least one message, got an empty array"],
    ["no array", () => read('{"messages": {}}'), 'm.json: "messages": expected an array, got an object'],
    ["nothing", () => read('{"tools": []}'), 'm.json: "messages": expected an array, got none'],
    ["a string", () => read('"x"'), 'm.json: the conversation: expected an object with "messages", got "x"'],
    [
      "several conversations",
      () => read('[[{"role": "user"}]]'),
      "m.json: messages[0]: expected an object, got an array",
    ],
    ["no role", () => read('[{"content": "x"}]'), "messages[0].role: expected a string, got none"],
    ["a role that is a number", () => read('[{"role": 5}]'), "messages[0].role: expected a string, got 5"],
    [
      "a tool that is a string",
      () => read('{"messages": [{"role": "user"}], "tools": ["x"]}'),
      'tools[0]: expected an object, got "x"',
    ],
    [
      "tools that are an object",
      () => read('{"messages": [{"role": "user"}], "tools": {}}'),
      'm.json: "tools": expected an array, got an object',
    ],
    [
      "a flag that is a number",
      () => read('{"messages": [{"role": "user"}], "add_generation_prompt": 1}'),
      'm.json: "add_generation_prompt": expected true or false, got 1',
    ],
    ["a message that is undefined", bad({ messages: [undefined] }), "messages[0]: expected JSON"],
    ["messages that are undefined", bad({}), "messages: expected at least one message, got none"],
    ["a date", bad({ messages: [{ role: "user", content: new Date(0) }] }), "messages[0].content: expected JSON"],
    ["a function", bad({ messages: [{ role: "user", content: () => 1 }] }), "messages[0].content: expected JSON"],
    ["a message that contains itself", bad({ messages: [itself] }), "expected a nesting of at most 100"],
    [
      "half a surrogate pair",
      bad({ messages: [{ role: "user", content: "\ud800" }] }),
      "messages[0].content: expected whole surrogate pairs",
    ],
    [
      "an int of 5,000 digits",
      () => read(`[{"role": "user", "n": ${"1".repeat(5000)}}]`),
      "messages[0].n: expected an integer of at most 4300 digits",
    ],
  ])("%s", (_, make, sentence) => {
    expect(refusal(make)).toContain(sentence);
  });
});
