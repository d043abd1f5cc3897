import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { qwq } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";

/** A server whose model calls the calculator, and then says what it was told. */
async function toolServer(): Promise<string> {
  const server = createServer(async (request, response) => {
    if (request.url === "/v1/models") {
      response.end('{"data": [{"id": "caller"}]}');
      return;
    }
    let body = "";
    for await (const piece of request) body += String(piece);
    const { messages } = JSON.parse(body) as { messages: { role: string; content: string }[] };
    const last = messages.at(-1)!;
    const call = { index: 0, id: "x", function: { name: "calculator", arguments: '{"expression": "48231 * 917"}' } };
    const delta =
      last.role === "tool"
        ? { content: `It is ${last.content}.` }
        : { reasoning_content: "Too long.", tool_calls: [call] };
    const chunk = { choices: [{ delta, finish_reason: last.role === "tool" ? "stop" : "tool_calls" }] };
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("qwq agent", () => {
  it("without a model calls the embedded toolcaller, which calls the calculator: docs/agent.md's first example", async () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/agent.md"), "utf8");
    const [, command, shown] = /```sh\nnpx (qwq agent [^\n]*)\n```[^`]*```\n([^]*?)```/.exec(page)!;
    expect(command).toBe('qwq agent "Use the calculator: 48231 * 917"');
    const { code, stdout, stderr } = await qwq(["agent", "Use the calculator: 48231 * 917"]);
    expect([code, stdout]).toEqual([0, shown]);
    expect(stdout).toContain(
      '<tool_call>{"name": "calculator", "arguments": {"expression": "48231 * 917"}}</tool_call>\n-> 44227827\n',
    );
    expect(stderr).toContain("This is the embedded toolcaller");
    const named = await qwq(["agent", "-m", "toolcaller", "--quiet", "Use the calculator: 48231 * 917"]);
    expect([named.code, named.stderr]).toEqual([0, ""]);
    expect(named.stdout).toMatch(/-> 44227827\n.*44227827/);
  });

  it("shows a call and its effect, writes a transcript, and shows that again", async () => {
    const transcript = join(temporaryFolder(), "run.jsonl");
    const { code, stdout } = await qwq([
      "agent",
      "--server",
      await toolServer(),
      "--transcript",
      transcript,
      "48231 * 917?",
    ]);
    const expected = `Too long.\n<tool_call>{"name": "calculator", "arguments": {"expression": "48231 * 917"}}</tool_call>\n-> 44227827\nIt is 44227827.\n`;
    expect([code, stdout]).toEqual([0, expected]);
    const lines = readFileSync(transcript, "utf8").trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
      "start",
      "reply",
      "result",
      "reply",
      "end",
    ]);
    expect((await qwq(["agent", "--replay", transcript])).stdout).toBe(expected);
    expect((await qwq(["agent", "--replay", transcript, "--again"])).stdout).toBe(
      "Every call comes to what it came to.\n",
    );
  });

  it("has the exit codes of the contract", async () => {
    const bad = join(temporaryFolder(), "bad.jsonl");
    writeFileSync(bad, "nonsense\n");
    const codes = await Promise.all(
      [
        ["agent"],
        ["agent", "--tools", "nonsense", "x"],
        ["agent", "--again", "x"],
        ["agent", "--write", "x"],
        ["agent", "--folder", "/nowhere", "x"],
        ["agent", "--replay", bad],
        ["agent", "--replay", "/nowhere"],
      ].map(async (words) => (await qwq(words)).code),
    );
    expect(codes).toEqual([2, 2, 2, 2, 66, 65, 66]);
  });
});
