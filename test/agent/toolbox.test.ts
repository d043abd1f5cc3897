import { describe, expect, it } from "vitest";
import type { Tool } from "../../src/agent/tool.ts";
import { ToolError } from "../../src/agent/tool.ts";
import { Toolbox } from "../../src/agent/toolbox.ts";
import { parseReply } from "../../src/text/reply.ts";

const ran: unknown[] = [];
const ADD: Tool = {
  name: "add",
  description: "Adds.",
  parameters: {
    type: "object",
    properties: { a: { type: "integer" }, b: { type: "integer" }, sign: { type: "string", enum: ["+", "-"] } },
    required: ["a", "b"],
  },
  run({ a, b }) {
    ran.push([a, b]);
    return String(Number(a) + Number(b));
  },
};
const FAIL: Tool = {
  name: "fail",
  description: "",
  parameters: { type: "object" },
  run: () => Promise.reject(new ToolError("No such thing.")),
};
const HANG: Tool = {
  name: "hang",
  description: "",
  parameters: { type: "object" },
  run: () => new Promise(() => undefined),
};

const never = new AbortController().signal;
const calls = (...raws: string[]) =>
  parseReply(raws.map((raw) => `<tool_call>${raw}</tool_call>`).join(""), { opened: false, toolCalls: true }).toolCalls;
const add = (given: unknown) => JSON.stringify({ name: "add", arguments: given });

async function call(...raws: string[]) {
  const toolbox = await Toolbox.of([ADD, FAIL, HANG], { seconds: 0.05, characters: 100, calls: 4 });
  return (await toolbox.callAll(calls(...raws), never)).map(({ outcome, content }) => [outcome, content]);
}

describe("a call", () => {
  it("that is right is carried out, several at a time, results in their order", async () => {
    expect(await call(add({ a: 1, b: 2 }), add({ a: 3, b: 4 }))).toEqual([
      ["done", "3"],
      ["done", "7"],
    ]);
  });

  it.each([
    ["{", "malformed", /^Error: This call cannot be read: .*Write {"name": \.\.\., "arguments": {\.\.\.}} as JSON\.$/],
    ['"add"', "malformed", /cannot be read/],
    ['{"name": "add"}', "malformed", /"arguments"/],
    ['{"name": "add", "arguments": "1 + 2"}', "malformed", /"arguments"/],
    ['{"name": "sub", "arguments": {}}', "unknown", /^Error: There is no tool "sub"\. There are: add, fail, hang\.$/],
    ['{"name": "toString", "arguments": {}}', "unknown", /There is no tool/],
    [add({ a: 1 }), "invalid", /^Error: add: must have required property 'b'\.$/],
    [add({ a: 1, b: "2" }), "invalid", /^Error: add: b must be integer\.$/],
    [add({ a: 1, b: 2, c: 3 }), "invalid", /^Error: add: must NOT have additional properties: "c"\.$/],
    [add({ a: 1, b: 2, sign: "*" }), "invalid", /sign must be equal to one of the allowed values: \["\+","-"\]/],
    ['{"name": "fail", "arguments": {}}', "failed", /^Error: No such thing\.$/],
    ['{"name": "hang", "arguments": {}}', "timeout", /^Error: hang did not end within 0\.05 seconds\.$/],
  ])("%s is %s, and the model is told why", async (raw, outcome, content) => {
    ran.length = 0;
    const [[got, said]] = (await call(raw)) as [[string, string]];
    expect([got, ran.length]).toEqual([outcome, 0]);
    expect(said).toMatch(content);
  });

  it("beyond those that one reply may make is not carried out", async () => {
    const all = await call(...Array.from({ length: 6 }, (_, i) => add({ a: i, b: 0 })));
    expect(all.map(([outcome]) => outcome)).toEqual(["done", "done", "done", "done", "surplus", "surplus"]);
  });

  it("that whoever is asked does not allow is not carried out", async () => {
    const toolbox = await Toolbox.of([ADD]);
    toolbox.approve = (_, { a }) => a !== 1;
    ran.length = 0;
    const results = await toolbox.callAll(calls(add({ a: 1, b: 1 }), add({ a: 2, b: 2 })), never);
    expect([results.map(({ outcome }) => outcome), ran]).toEqual([["refused", "done"], [[2, 2]]]);
  });

  it("whose result is long is told its beginning", async () => {
    const long: Tool = { ...FAIL, name: "long", run: () => "x".repeat(500) };
    const toolbox = await Toolbox.of([long], { characters: 100 });
    const [result] = await toolbox.callAll(calls('{"name": "long", "arguments": {}}'), never);
    expect(result!.content).toBe(`${"x".repeat(100)}\n[400 more characters are left out]`);
  });

  it("ends with the signal", async () => {
    const toolbox = await Toolbox.of([HANG]);
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("enough")), 10);
    await expect(toolbox.callAll(calls('{"name": "hang", "arguments": {}}'), stop.signal)).rejects.toThrow("enough");
  });
});

it("tools with names or schemas that are none are refused", async () => {
  await expect(Toolbox.of([{ ...ADD, name: "a b" }])).rejects.toThrow(
    "tool: expected a name of letters, digits, _ and -, got a b.",
  );
  await expect(Toolbox.of([ADD, ADD])).rejects.toThrow("tool: expected each name once, got add.");
  await expect(Toolbox.of([{ ...ADD, parameters: { type: "nonsense" } }])).rejects.toMatchObject({
    code: "E_AGENT_TOOL",
  });
});
