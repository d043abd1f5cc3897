import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { serveEmbedded, SUM } from "../support/serve.ts";

const served = await serveEmbedded();
const { client } = served;
afterAll(() => served.server.close());

describe("POST /v1/chat/completions, by the openai client", () => {
  it("answers, with the thoughts apart and the tokens counted", async () => {
    const { choices, usage, object, model } = await client.chat.completions.create({
      model: "embedded",
      messages: SUM,
      temperature: 0,
    });
    expect([object, model]).toEqual(["chat.completion", "embedded"]);
    expect(choices[0]).toMatchObject({
      index: 0,
      finish_reason: "stop",
      message: {
        role: "assistant",
        content: "The answer is 933.",
        reasoning_content: expect.stringMatching(/^ones: 7\+6=13/),
      },
    });
    expect(usage!.total_tokens).toBe(usage!.prompt_tokens + usage!.completion_tokens);
    expect(usage!.completion_tokens_details!.reasoning_tokens).toBeLessThan(usage!.completion_tokens);
  });

  it("streams the same, piece by piece", async () => {
    const ask = { model: "embedded", messages: SUM, temperature: 0 };
    const whole = await client.chat.completions.create(ask);
    const stream = await client.chat.completions.create({
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
    });
    let [content, reasoning, pieces, finish] = ["", "", 0, ""];
    let usage: unknown;
    for await (const { choices, usage: told } of stream) {
      pieces++;
      usage ??= told;
      const delta = choices[0]?.delta as { content?: string; reasoning_content?: string } | undefined;
      content += delta?.content ?? "";
      reasoning += delta?.reasoning_content ?? "";
      finish += choices[0]?.finish_reason ?? "";
    }
    expect(content).toBe(whole.choices[0]!.message.content);
    expect(reasoning).toBe((whole.choices[0]!.message as { reasoning_content?: string }).reasoning_content);
    expect(finish).toBe("stop");
    expect(pieces).toBeGreaterThan(10);
    expect(usage).toMatchObject({
      prompt_tokens: whole.usage!.prompt_tokens,
      completion_tokens: whole.usage!.completion_tokens,
    });
  });
});

describe("what is wrong is refused in OpenAI's form", () => {
  const user = { role: "user", content: "Hi" };
  const WRONG: readonly (readonly [
    what: string,
    body: string | object,
    status: number,
    code: string,
    param: string | null,
    message: string,
  ])[] = [
    [
      "no JSON",
      "{",
      400,
      "E_JSON_SYNTAX",
      null,
      "body: expected a key in double quotes, got the end of the text (at byte 1). Send one JSON object.",
    ],
    [
      "an array",
      "[]",
      400,
      "invalid_value",
      "body",
      "body: expected a JSON object, got an array of 0. Correct the request.",
    ],
    [
      "no messages",
      {},
      400,
      "invalid_value",
      "messages",
      "messages: expected at least one message, got nothing. Correct the request.",
    ],
    [
      "10^9 tokens",
      { messages: [user], max_tokens: 1e9 },
      400,
      "context_length_exceeded",
      "max_tokens",
      "prompt: expected at most 512 tokens, got 12 of the prompt and up to 1000000000 new ones. Shorten it, or ask for at most 500 new tokens.",
    ],
    [
      "a temperature that is none",
      { messages: [user], temperature: "hot" },
      400,
      "invalid_value",
      "temperature",
      'temperature: expected a number from 0 to 2, got "hot". Correct the request.',
    ],
    [
      "another model",
      { model: "gpt", messages: [user] },
      404,
      "model_not_found",
      "model",
      'model: expected "embedded", got "gpt". GET /v1/models lists what is served.',
    ],
  ];

  it.each(WRONG)("%s", async (_, body, status, code, param, message) => {
    const response = await served.post("/v1/chat/completions", body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: { message, type: "invalid_request_error", param, code } });
  });
});

describe("a client that does not read", () => {
  it("does not hold up the next", async () => {
    const body = JSON.stringify({ messages: SUM, stream: true });
    const socket = connect(served.server.port, "127.0.0.1").pause();
    const head = ["POST /v1/chat/completions HTTP/1.1", "host: 127.0.0.1", "content-type: application/json"];
    socket.write([...head, `content-length: ${body.length}`, "", body].join("\r\n"));
    const next = await client.chat.completions.create({ model: "embedded", messages: SUM, temperature: 0 });
    expect(next.choices[0]!.message.content).toBe("The answer is 933.");
    socket.destroy();
    expect(served.errors).toEqual([]);
  });
});

describe("a page that a browser was led to", () => {
  it("is refused by the name it asks for", async () => {
    const status = (host: string) =>
      new Promise<number>((resolve, reject) => {
        const asked = request({ port: served.server.port, path: "/v1/models", headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode!);
        });
        asked.on("error", reject).end();
      });
    expect(await status("evil.example")).toBe(403);
    expect(await status("localhost:8080")).toBe(200);
    expect(await status("[::1]:8080")).toBe(200);
  });
});
