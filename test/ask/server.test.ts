import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Question } from "../../src/ask/responder.ts";
import { thoughtTokens } from "../../src/ask/responder.ts";
import { ServerResponder, type ServerSettings } from "../../src/ask/server.ts";

interface Asked {
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: Record<string, unknown>;
}

/** A server that answers with what `answers` say, one after another, the last for ever; and what it was asked. */
async function serve(...answers: RequestListener[]) {
  const asked: Asked[] = [];
  let next = 0;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += String(piece);
    asked.push({ url: request.url, headers: request.headers, body: body === "" ? {} : JSON.parse(body) });
    answers[Math.min(next++, answers.length - 1)]!(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const sse =
  (...events: unknown[]): RequestListener =>
  (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(events.map((one) => `data: ${typeof one === "string" ? one : JSON.stringify(one)}\n\n`).join(""));
  };
const delta = (part: object, finish_reason: string | null = null) => ({ choices: [{ delta: part, finish_reason }] });
const refuse =
  (status: number, body = "", headers = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end(body);
const OK = sse(delta({ content: "fine" }), delta({}, "stop"), "[DONE]");
const QUESTION: Question = {
  messages: [{ role: "user", content: "?" }],
  drawing: { temperature: 0.6, topK: 40 },
  seed: 5,
};

async function open(url: string, settings: Partial<ServerSettings> = {}) {
  const who = await ServerResponder.open({ url, model: "m", backoff: 1, retries: 3, ...settings });
  onTestFinished(() => who.close());
  return who;
}

describe("what is sent", () => {
  it("is a chat completion, with what the server may not know left out where it is plain", async () => {
    const { url, asked } = await serve(OK);
    await (await open(url, { key: "secret" })).ask(QUESTION);
    await (await open(`${url}/v1/`, { plain: true })).ask(QUESTION);
    expect(asked.map((one) => one.url)).toEqual(["/v1/chat/completions", "/v1/chat/completions"]);
    expect(asked[0]!.headers.authorization).toBe("Bearer secret");
    expect(asked[0]!.body).toEqual({
      model: "m",
      messages: [{ role: "user", content: "?" }],
      temperature: 0.6,
      top_k: 40,
      seed: 5,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(asked[1]!.body).not.toHaveProperty("top_k");
  });

  it("has calls of tools with their arguments as text", async () => {
    const { url, asked } = await serve(OK);
    const call = { type: "function", id: "c1", function: { name: "f", arguments: new Map([["x", 1]]) } };
    const messages = [{ role: "assistant", content: "", tool_calls: [call] }];
    await (await open(url)).ask({ ...QUESTION, messages });
    const sent = asked[0]!.body["messages"] as { tool_calls: unknown[] }[];
    expect(sent[0]!.tool_calls).toEqual([
      { type: "function", id: "c1", function: { name: "f", arguments: '{"x":1}' } },
    ]);
  });
});

describe("what comes back", () => {
  it("is thoughts and answer wherever a server puts them", async () => {
    const usage = { choices: [], usage: { prompt_tokens: 3, completion_tokens: 8 } };
    for (const events of [
      [delta({ reasoning_content: "hm " }), delta({ reasoning_content: "so" }), delta({ content: "yes" }, "stop")],
      [delta({ reasoning: "hm so" }), delta({ content: "yes" }, "stop")],
      [delta({ content: "<think>\nhm so\n</th" }), delta({ content: "ink>\n\nyes" }, "stop")],
      [delta({ content: "hm so\n</think>\n\nyes" }, "stop")],
    ]) {
      const { url } = await serve(sse(...events, usage, "[DONE]"));
      const { thinking, answer, reason, tokens, promptTokens, thinkingTokens } = await (await open(url)).ask(QUESTION);
      expect([thinking, answer, reason, promptTokens, tokens]).toEqual(["hm so", "yes", "stop", 3, 8]);
      expect(thinkingTokens).toBe(thoughtTokens(8, "hm so", "yes"));
    }
  });

  it("is calls in pieces, several at a time, and those left in the text", async () => {
    const part = (index: number, name: string | undefined, text: string) =>
      delta({ tool_calls: [{ index, function: { name, arguments: text } }] });
    const { url } = await serve(
      sse(
        part(0, "add", ""),
        part(0, undefined, '{"a":'),
        part(1, "now", ""),
        part(0, undefined, "1}"),
        delta({}, "tool_calls"),
      ),
      sse(delta({ content: 'x\n<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>' }, "stop")),
      sse(part(0, "add", '{"a": nonsense'), delta({}, "tool_calls")),
    );
    const who = await open(url);
    const ask = () => who.ask({ ...QUESTION, tools: [{ type: "function" }] });
    const calls = (await ask()).toolCalls;
    expect(calls.map((call) => [call.name, Object.fromEntries(call.arguments)])).toEqual([
      ["add", { a: 1 }],
      ["now", {}],
    ]);
    expect((await ask()).toolCalls.map((call) => call.name)).toEqual(["add"]);
    expect((await ask()).toolCalls[0]!.error).toMatch(/expected a JSON value/);
  });
});

describe("a server in trouble", () => {
  it("is asked again after 5xx, 429, a cut reply, an error in the stream, and nonsense", async () => {
    const cut: RequestListener = (_, response) => {
      response.writeHead(200).write(`data: ${JSON.stringify(delta({ content: "fi" }))}\n\n`);
      setTimeout(() => response.destroy(), 5);
    };
    const silentEnd = sse(delta({ content: "half of it" }));
    for (const trouble of [
      refuse(500),
      refuse(503),
      refuse(429, "", { "retry-after": "0" }),
      cut,
      silentEnd,
      sse({ error: { message: "overloaded" } }),
      sse("nonsense"),
    ]) {
      const { url, asked } = await serve(trouble, OK);
      expect((await (await open(url)).ask(QUESTION)).answer).toBe("fine");
      expect(asked.length).toBe(2);
    }
  });

  it("that asks to wait is left alone by everybody", async () => {
    const { url } = await serve(refuse(429, "", { "retry-after": "0.2" }), OK);
    const who = await open(url);
    const began = performance.now();
    const first = who.ask(QUESTION);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await who.ask(QUESTION);
    expect(performance.now() - began).toBeGreaterThan(190); // timers of Node may come a few milliseconds early
    await first;
  });

  it("is given up after so many attempts, and at once where another would not help", async () => {
    const down = await serve(refuse(500, '{"error": {"message": "out of memory"}}'));
    await expect((await open(down.url)).ask(QUESTION)).rejects.toThrow(
      `${down.url}/v1: expected a reply, got 500: out of memory. The same command with --resume goes on.`,
    );
    expect(down.asked.length).toBe(4);
    const locked = await serve(refuse(401, "no key"));
    await expect((await open(locked.url)).ask(QUESTION)).rejects.toThrow(
      `${locked.url}/v1: expected a reply, got 401: no key. Give the key in the variable that --key-variable names.`,
    );
    expect(locked.asked.length).toBe(1);
    const full = await serve(refuse(400, '{"message": "This model\'s maximum context length is 4096 tokens"}'));
    await expect((await open(full.url)).ask(QUESTION)).rejects.toMatchObject({ code: "E_LIMIT_CONTEXT" });
    expect(full.asked.length).toBe(1);
  });

  it.each([
    ["qwq serve and OpenAI", '{"error": {"message": "prompt: expected less", "code": "context_length_exceeded"}}'],
    [
      "llama-server",
      '{"error": {"code": 400, "message": "the request is large", "type": "exceed_context_size_error"}}',
    ],
    ["vLLM", '{"message": "This model\'s maximum context length is 4096 tokens. However, you requested 33000 tokens"}'],
  ])("with a smaller context, as %s say it, gives a reply what room there is", async (_, body) => {
    const { url, asked } = await serve(refuse(400, body), OK);
    const told: number[] = [];
    const who = await open(url, { onRoom: (tokens) => told.push(tokens) });
    const said = await who.ask({ ...QUESTION, drawing: { maxTokens: 32_768 } });
    expect([said.answer, told]).toEqual(["fine", [32_768]]);
    expect(asked.map((one) => one.body["max_tokens"])).toEqual([32_768, undefined]);
  });

  it("that is not there, or no address at all, is said", async () => {
    await expect(open("nowhere")).rejects.toThrow(
      '--server: expected an address such as http://127.0.0.1:8080, got "nowhere". Begin it with http:// or https://.',
    );
    const who = await open("http://127.0.0.1:9", { retries: 0 });
    await expect(who.ask(QUESTION)).rejects.toMatchObject({ code: "E_NET_UNREACHABLE" });
  });

  it("is not waited for once the signal has come", async () => {
    const { url } = await serve(() => undefined);
    const stop = new AbortController();
    const asking = (await open(url)).ask({ ...QUESTION, signal: stop.signal });
    setTimeout(() => stop.abort(new Error("enough")), 20);
    await expect(asking).rejects.toThrow("enough");
  });
});

it("the model is the first that the server lists, unless it is named", async () => {
  const { url } = await serve((_, response) => response.end('{"data": [{"id": "first"}, {"id": "second"}]}'));
  expect((await open(url, { model: undefined })).name).toBe("first");
  const bad = await serve((_, response) => response.end("[]"));
  await expect(open(bad.url, { model: undefined })).rejects.toMatchObject({ code: "E_NET_ANSWER" });
});
