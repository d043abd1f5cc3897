import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Toolbox } from "../../../src/agent/toolbox.ts";
import { mcp, mcpServers } from "../../../src/agent/tools/mcp.ts";
import { parseReply } from "../../../src/text/reply.ts";

const SERVER = { command: process.execPath, args: [join(import.meta.dirname, "../../support/mcp-server.mjs")] };

describe("an MCP server's tools", () => {
  it("are called by name, checked by their schemas, and what fails there is told", async () => {
    process.env["QWQ_TEST_SECRET"] = "1";
    onTestFinished(() => void delete process.env["QWQ_TEST_SECRET"]);
    const toolbox = await Toolbox.of(await mcp("test", { ...SERVER, env: { GIVEN: "1" } }));
    onTestFinished(() => toolbox.close());
    const call = (name: string, given: unknown) =>
      `<tool_call>${JSON.stringify({ name, arguments: given })}</tool_call>`;
    const text = [
      call("test_add", { a: 2, b: 3 }),
      call("test_add", { a: 2 }),
      call("test_fail", {}),
      call("test_env", { name: "GIVEN" }),
      call("test_env", { name: "QWQ_TEST_SECRET" }),
    ].join("");
    const { toolCalls } = parseReply(text, { opened: false, toolCalls: true });
    const results = await toolbox.callAll(toolCalls, new AbortController().signal);
    expect(results.map(({ outcome, content }) => [outcome, content])).toEqual([
      ["done", "5"],
      ["invalid", "Error: test_add: must have required property 'b'."],
      ["failed", "Error: It cannot be done."],
      ["done", "true"],
      ["done", "false"], // what is in our environment is not in theirs
    ]);
  });

  it("of a server that is none are an error that names it", async () => {
    await expect(mcp("none", { command: process.execPath, args: ["-e", "0"] })).rejects.toMatchObject({
      code: "E_AGENT_MCP",
    });
    await expect(mcp("gone", { command: "/nowhere/at-all" })).rejects.toThrow(
      /^gone: expected an MCP server that answers/,
    );
  });
});

it("a configuration names servers", () => {
  expect(mcpServers('{"mcpServers": {"a": {"command": "x", "args": ["y"]}}}', "c.json").get("a")).toEqual({
    command: "x",
    args: ["y"],
  });
  for (const text of ["{", "{}", '{"mcpServers": {"a": {}}}', "null", "[]"]) {
    expect(() => mcpServers(text, "c.json")).toThrow(/^c\.json: expected/);
  }
});
