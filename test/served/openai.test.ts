/** The official `openai` client against `qwq serve`: what it sends and what it reads, case by case. */
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import type { ChatCompletionMessageParam, ChatCompletionTool } from "openai/resources/chat/completions";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { serving } from "../support/serving.ts";

const served = await serving();
const { client } = served;
/** Tools alone take more than the 512 tokens of the embedded model; what it says then is the grammar's. */
const long = await serving(["--context", "2048", "--parallel", "4"]);
afterAll(() => Promise.all([served.end(), long.end()]));

const model = "qwq-embedded";
const user = (content: string): ChatCompletionMessageParam => ({ role: "user", content });
const SUM = [user("What is 347 + 586?")];
type Ask = Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>;
const ask = (more: Ask = {}, of = client) =>
  of.chat.completions.create({ model, messages: SUM, temperature: 0, ...more, stream: false });
const streamed = async (more: Ask = {}, of = client) => {
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  const stream = await of.chat.completions.create({ model, messages: SUM, temperature: 0, ...more, stream: true });
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
};
const contentOf = (chunks: readonly OpenAI.ChatCompletionChunk[], index = 0) =>
  chunks
    .flatMap(({ choices }) => choices.filter((choice) => choice.index === index))
    .map(({ delta }) => delta.content ?? "")
    .join("");
const thoughts = (message: object) => (message as { reasoning_content?: string }).reasoning_content;
const failing = async (more: Ask) =>
  ask(more).then(
    () => expect.unreachable(),
    (error: unknown) => error as InstanceType<typeof OpenAI.APIError>,
  );

describe("models and health", () => {
  it("lists the model", async () => {
    expect((await client.models.list()).data).toMatchObject([{ id: model, object: "model", owned_by: "qwq-ts" }]);
  });
  it("tells of the model", async () => {
    expect(await client.models.retrieve(model)).toMatchObject({ id: model, object: "model" });
  });
  it("does not know another", async () => {
    await expect(client.models.retrieve("gpt-4")).rejects.toThrow(OpenAI.NotFoundError);
  });
  it("is well", async () => {
    expect(await (await fetch(`${served.url}/health`)).json()).toEqual({ status: "ok", model, running: 0, waiting: 0 });
  });
  it("says that a route is not there", async () => {
    const response = await fetch(`${served.url}/v1/embeddings`, { method: "POST" });
    expect([response.status, await response.json()]).toMatchObject([404, { error: { code: "unknown_url" } }]);
  });
});

describe("an answer", () => {
  it("has the content, and why it ended", async () => {
    const { choices } = await ask();
    expect(choices).toMatchObject([
      { index: 0, finish_reason: "stop", message: { role: "assistant", content: "The answer is 933." } },
    ]);
  });
  it("has the thoughts apart", async () => {
    expect(thoughts((await ask()).choices[0]!.message)).toContain("So 933.");
  });
  it("counts its tokens", async () => {
    const usage = (await ask()).usage!;
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
    expect(usage.completion_tokens_details!.reasoning_tokens).toBeGreaterThan(20);
  });
  it("finds what it has read before", async () => {
    await ask();
    const usage = (await ask()).usage!;
    expect(usage.prompt_tokens_details!.cached_tokens).toBe(usage.prompt_tokens - 1);
  });
  it("takes a system message, also as a developer's", async () => {
    const [system, developer] = await Promise.all(
      (["system", "developer"] as const).map((role) =>
        ask({ messages: [{ role, content: "Be brief." }, ...SUM], seed: 1 }),
      ),
    );
    expect(system!.choices).toEqual(developer!.choices);
  });
  it("takes text in parts", async () => {
    const parts = ["What is ", "347 + 586?"].map((text) => ({ type: "text" as const, text }));
    expect((await ask({ messages: [{ role: "user", content: parts }] })).choices).toEqual((await ask()).choices);
  });
  it("goes on with a conversation", async () => {
    const messages = [...SUM, { role: "assistant" as const, content: "The answer is 933." }, user("What is 1 + 1?")];
    expect((await ask({ messages })).choices[0]!.finish_reason).toBe("stop");
  });
  it("speaks Chinese", async () => {
    expect((await ask({ messages: [user("347 + 586 等于多少？")] })).choices[0]!.message.content).toContain("933");
  });
  it("needs no model's name", async () => {
    expect((await served.post("/v1/chat/completions", { messages: SUM })).status).toBe(200);
  });
});

describe("how it is drawn", () => {
  it("the same seed draws the same", async () => {
    const draw = async (seed: number) => (await ask({ temperature: 2, seed })).choices;
    expect(await draw(7)).toEqual(await draw(7));
  });
  it("other seeds draw others", async () => {
    const all = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (seed) => thoughts((await ask({ temperature: 2, seed })).choices[0]!.message)),
    );
    expect(new Set(all).size).toBeGreaterThan(1);
  });
  it("top_p 0 is the likeliest token", async () => {
    expect((await ask({ temperature: 1, top_p: 0 })).choices).toEqual((await ask()).choices);
  });
  it("n choices are those of n seeds", async () => {
    const { choices, usage } = await ask({ n: 3, seed: 5, temperature: 1.5 });
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    const single = (await ask({ seed: 6, temperature: 1.5 })).choices[0]!;
    expect(choices[1]!.message).toEqual(single.message);
    expect(usage!.completion_tokens).toBeGreaterThan(60);
  });
  it.each(["max_tokens", "max_completion_tokens"] as const)("%s ends it", async (key) => {
    const { choices, usage } = await ask({ [key]: 5 });
    expect([choices[0]!.finish_reason, usage!.completion_tokens]).toEqual(["length", 5]);
  });
  it("a bias rules a token out", async () => {
    const { tokens } = (await (await served.post("/tokenize", { content: "9" })).json()) as { tokens: number[] };
    const { choices } = await ask({ logit_bias: { [tokens[0]!]: -100 } });
    expect(choices[0]!.message.content).not.toContain("9");
  });
  it.each(["presence_penalty", "frequency_penalty"] as const)(
    "%s changes what is drawn after the first",
    async (key) => {
      const draw = async (seed: number, more: Ask = {}) =>
        thoughts((await ask({ temperature: 2, seed, ...more })).choices[0]!.message);
      const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
      const free = await Promise.all(seeds.map((seed) => draw(seed)));
      expect(await Promise.all(seeds.map((seed) => draw(seed, { [key]: 0 })))).toEqual(free);
      expect(await Promise.all(seeds.map((seed) => draw(seed, { [key]: 2 })))).not.toEqual(free);
    },
  );
  it("a limit on thoughts leaves an answer", async () => {
    const { choices, usage } = await ask({ thinking_budget: 4 } as Ask);
    expect(choices[0]!.message.content).toMatch(/answer/);
    expect(usage!.completion_tokens_details!.reasoning_tokens).toBeLessThan(10);
  });
});

describe("several at a time", () => {
  it("each says what it says alone, and finds its own conversation again", async () => {
    const questions = ["What is 347 + 586?", "Calculate 12 + 345.", "999 - 111 = ?", "What is 123 + 7?"];
    const said = (content: string) => ask({ messages: [user(content)] }, long.client);
    const alone = await Promise.all(
      questions.map(async (content) => (await ask({ messages: [user(content)] })).choices),
    );
    for (let round = 0; round < 2; round++) {
      const together = await Promise.all(questions.map(said));
      expect(together.map(({ choices }) => choices)).toEqual(alone);
      if (round === 0) continue;
      for (const { usage } of together) {
        expect(usage!.prompt_tokens_details!.cached_tokens).toBe(usage!.prompt_tokens - 1);
      }
    }
  });
});

describe("stop", () => {
  it("ends the answer before the text", async () => {
    expect((await ask({ stop: " is" })).choices).toMatchObject([
      { finish_reason: "stop", message: { content: "The answer" } },
    ]);
  });
  it("takes the first of several, also within a token, and none of it is streamed", async () => {
    const chunks = await streamed({ stop: ["zzz", "swer is 9"] });
    expect(contentOf(chunks)).toBe("The an");
    expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe("stop");
  });
  it("does not look at thoughts", async () => {
    expect((await ask({ stop: "So 933" })).choices[0]!.message.content).toBe("The answer is 933.");
  });
});

describe("a stream", () => {
  it("joins to the answer", async () => {
    const [whole, chunks] = [await ask(), await streamed()];
    expect(contentOf(chunks)).toBe(whole.choices[0]!.message.content);
    expect(chunks.map(({ choices }) => thoughts(choices[0]!.delta) ?? "").join("")).toBe(
      thoughts(whole.choices[0]!.message),
    );
  });
  it("begins with the role and ends with the reason", async () => {
    const chunks = await streamed();
    expect(chunks[0]!.choices[0]!.delta).toEqual({ role: "assistant", content: "" });
    expect(chunks.at(-1)!.choices[0]).toMatchObject({ delta: {}, finish_reason: "stop" });
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });
  it("counts tokens where that is asked for, and nowhere else", async () => {
    const [plain, counted] = [await streamed(), await streamed({ stream_options: { include_usage: true } } as Ask)];
    expect(plain.every(({ usage }) => usage === undefined)).toBe(true);
    expect(counted.at(-1)).toMatchObject({
      choices: [],
      usage: { completion_tokens: (await ask()).usage!.completion_tokens },
    });
    expect(counted.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
  });
  it("has each choice by its number", async () => {
    const chunks = await streamed({ n: 2, seed: 1 });
    expect(contentOf(chunks, 0)).not.toBe("");
    expect(contentOf(chunks, 1)).not.toBe("");
  });
  it("is put together by the client's own helper", async () => {
    const stream = client.chat.completions.stream({ model, messages: SUM, temperature: 0 });
    expect((await stream.finalChatCompletion()).choices[0]!.message.content).toBe("The answer is 933.");
  });
  it("that is left ends the work", async () => {
    const stream = await client.chat.completions.create({ model, messages: SUM, n: 16, temperature: 2, stream: true });
    for await (const chunk of stream) if (contentOf([chunk]) !== "" || thoughts(chunk.choices[0]!.delta)) break;
    stream.controller.abort();
    await expect
      .poll(async () => ((await (await fetch(`${served.url}/health`)).json()) as { running: number }).running, {
        timeout: 5000,
      })
      .toBe(0);
  });
});

describe("probabilities", () => {
  it("are those of the answer's tokens", async () => {
    const { message, logprobs } = (await ask({ logprobs: true })).choices[0]!;
    expect(logprobs!.content!.map(({ token }) => token).join("")).toBe(message.content);
    expect(Buffer.from(logprobs!.content!.flatMap(({ bytes }) => bytes!)).toString()).toBe(message.content);
    expect(logprobs!.content!.every(({ logprob, top_logprobs }) => logprob <= 0 && top_logprobs.length === 0)).toBe(
      true,
    );
  });
  it("come with the likeliest, in order, the first of which greedy draws", async () => {
    const { logprobs } = (await ask({ logprobs: true, top_logprobs: 5 })).choices[0]!;
    for (const { token, logprob, top_logprobs: top } of logprobs!.content!) {
      expect(top).toHaveLength(5);
      expect(top[0]).toMatchObject({ token, logprob });
      expect(top.map((one) => one.logprob)).toEqual(top.map((one) => one.logprob).sort((a, b) => b - a));
    }
  });
  it("are streamed with their pieces", async () => {
    const whole = (await ask({ logprobs: true, top_logprobs: 2 })).choices[0]!.logprobs!.content!;
    const pieces = (await streamed({ logprobs: true, top_logprobs: 2 })).flatMap(
      ({ choices }) => choices[0]!.logprobs?.content ?? [],
    );
    expect(pieces.map(({ token, top_logprobs }) => [token, top_logprobs.length])).toEqual(
      whole.map(({ token }) => [token, 2]),
    );
  });
});

describe("response_format", () => {
  const schema = (schema: Record<string, unknown>): Ask => ({
    response_format: { type: "json_schema", json_schema: { name: "x", schema } },
    max_tokens: 300,
  });
  const json = async (more: Ask) =>
    JSON.parse((await ask(more)).choices[0]!.message.content!) as Record<string, unknown>;
  it("json_schema: an object of the schema, after thoughts that are free", async () => {
    const sum = {
      type: "object",
      properties: { sum: { type: "integer", minimum: 0, maximum: 2000 }, sure: { type: "boolean" } },
      required: ["sum", "sure"],
      additionalProperties: false,
    };
    const { choices } = await ask(schema(sum));
    const value = JSON.parse(choices[0]!.message.content!) as { sum: number; sure: boolean };
    expect([Object.keys(value), Number.isInteger(value.sum), typeof value.sure]).toEqual([
      ["sum", "sure"],
      true,
      "boolean",
    ]);
    expect(thoughts(choices[0]!.message)).toContain("So 933.");
  });
  it("an enum, a constant, a list of so many", async () => {
    const value = await json(
      schema({
        type: "object",
        properties: {
          kind: { enum: ["sum", "product"] },
          v: { const: 2 },
          list: { type: "array", items: { type: "integer", maximum: 9, minimum: 0 }, minItems: 2, maxItems: 3 },
        },
        required: ["kind", "v", "list"],
      }),
    );
    expect(["sum", "product"]).toContain(value["kind"]);
    expect(value["v"]).toBe(2);
    expect([2, 3]).toContain((value["list"] as number[]).length);
  });
  it("a schema of zod, by the client's helper", async () => {
    const Sum = z.object({ terms: z.array(z.number().int().min(0).max(999)).length(2), text: z.string().max(5) });
    const { choices } = await client.chat.completions.parse({
      model,
      messages: SUM,
      temperature: 0,
      max_tokens: 300,
      response_format: zodResponseFormat(Sum, "sum"),
    });
    expect(Sum.safeParse(choices[0]!.message.parsed).success).toBe(true);
  });
  it("json_object: an object", async () => {
    const { choices } = await ask({ response_format: { type: "json_object" }, max_tokens: 400, stop: [] });
    expect(choices[0]!.message.content!.trimStart().startsWith("{")).toBe(true);
    if (choices[0]!.finish_reason === "stop") expect(typeof JSON.parse(choices[0]!.message.content!)).toBe("object");
  });
  it("is streamed", async () => {
    const chunks = await streamed(schema({ type: "array", items: { enum: ["a", "b"] }, minItems: 1, maxItems: 4 }));
    expect(Array.isArray(JSON.parse(contentOf(chunks)))).toBe(true);
  });
  it("text is any text", async () => {
    expect((await ask({ response_format: { type: "text" } })).choices).toEqual((await ask()).choices);
  });
  it("what cannot be followed is refused", async () => {
    expect(await failing(schema({ type: "object", not: {} }))).toMatchObject({ status: 400, code: "E_SCHEMA" });
  });
});

describe("tools", () => {
  const tool = (name: string): ChatCompletionTool => ({
    type: "function",
    function: {
      name,
      description: "Adds.",
      parameters: {
        type: "object",
        properties: {
          a: { type: "integer", minimum: 0, maximum: 999 },
          b: { type: "integer", minimum: 0, maximum: 999 },
        },
        required: ["a", "b"],
      },
    },
  });
  const tools = [tool("add"), tool("sum_up")];
  const calls = async (more: Ask) => {
    const { choices } = await ask({ tools, max_tokens: 300, ...more }, long.client);
    return {
      choice: choices[0]!,
      calls: (choices[0]!.message.tool_calls ?? []).filter((call) => call.type === "function"),
    };
  };
  it("required: a call, with arguments by the schema", async () => {
    const { choice, calls: made } = await calls({ tool_choice: "required", parallel_tool_calls: false });
    expect([choice.finish_reason, choice.message.content, made.length]).toEqual(["tool_calls", null, 1]);
    expect(["add", "sum_up"]).toContain(made[0]!.function.name);
    expect(Object.keys(JSON.parse(made[0]!.function.arguments) as object)).toEqual(["a", "b"]);
    expect(made[0]!.id).toMatch(/^call_[0-9a-f]{24}$/);
  });
  it("by name: that one", async () => {
    const { calls: made } = await calls({ tool_choice: { type: "function", function: { name: "sum_up" } } });
    expect(made.map((call) => call.function.name)).toEqual(["sum_up"]);
  });
  it("none: an answer", async () => {
    const { choice, calls: made } = await calls({ tool_choice: "none" });
    expect([made, choice.message.content]).toEqual([[], "The answer is 933."]);
  });
  it("auto: as the model likes", async () => {
    const { choice, calls: made } = await calls({ tool_choice: "auto" });
    expect(choice.finish_reason).toBe(made.length > 0 ? "tool_calls" : "stop");
  });
  it("a call is streamed whole", async () => {
    const chunks = await streamed(
      { tools, tool_choice: "required", parallel_tool_calls: false, max_tokens: 300 },
      long.client,
    );
    const deltas = chunks.flatMap(({ choices }) => choices[0]!.delta.tool_calls ?? []);
    expect(deltas).toMatchObject([{ index: 0, type: "function" }]);
    expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe("tool_calls");
  });
  it("results go back", async () => {
    const call = { id: "call_1", type: "function" as const, function: { name: "add", arguments: '{"a": 1, "b": 1}' } };
    const messages: ChatCompletionMessageParam[] = [
      ...SUM,
      { role: "assistant", tool_calls: [call] },
      { role: "tool", tool_call_id: "call_1", content: "2" },
    ];
    expect((await ask({ tools, messages }, long.client)).choices[0]!.finish_reason).toMatch(/stop|tool_calls|length/);
    const { prompt } = (await (await served.post("/apply-template", { messages, tools })).json()) as { prompt: string };
    expect(prompt).toContain('{"name": "add", "arguments": {"a": 1, "b": 1}}');
    expect(prompt).toContain("<tool_response>\n2\n</tool_response>");
  });
  it("a tool that is not there is refused", async () => {
    expect(await failing({ tools, tool_choice: { type: "function", function: { name: "x" } } })).toMatchObject({
      status: 400,
      param: "tool_choice.function.name",
    });
  });
});

describe("completions", () => {
  const complete = (more: Partial<OpenAI.CompletionCreateParamsNonStreaming>) =>
    client.completions.create({ model, prompt: "What is", temperature: 0, ...more, stream: false });
  it("go on with a text, 16 tokens unless told", async () => {
    const { choices, usage, object } = await complete({ logit_bias: { 389: -100, 391: -100 } });
    expect([object, usage!.completion_tokens, choices[0]!.finish_reason]).toEqual(["text_completion", 16, "length"]);
  });
  it("begin with the prompt where that is asked for", async () => {
    expect((await complete({ echo: true, max_tokens: 3 })).choices[0]!.text.startsWith("What is")).toBe(true);
  });
  it("take ids, and several prompts", async () => {
    const { tokens } = (await (await served.post("/tokenize", { content: "What is" })).json()) as { tokens: number[] };
    const [text, ids, both] = [
      await complete({}),
      await complete({ prompt: tokens }),
      await complete({ prompt: ["What is", "Calculate"], n: 2 }),
    ];
    expect(ids.choices).toEqual(text.choices);
    expect(both.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(both.choices[1]!.text).toBe(text.choices[0]!.text);
  });
  it("tell probabilities, and where each token stands", async () => {
    const { text, logprobs } = (await complete({ logprobs: 2, max_tokens: 6 })).choices[0]!;
    expect(logprobs!.tokens!.join("")).toBe(text);
    expect(logprobs!.text_offset![1]).toBe(logprobs!.tokens![0]!.length);
  });
  it("tell the probabilities of a prompt, whose product is that of the text", async () => {
    const asked = { prompt: "What is 347 +", echo: true, logprobs: 1 };
    const scored = (await complete({ ...asked, max_tokens: 0 })).choices[0]!;
    const { text, finish_reason, logprobs } = (await complete({ ...asked, max_tokens: 1 })).choices[0]!;
    const { tokens, token_logprobs, top_logprobs, text_offset } = logprobs!;
    expect([scored.text, scored.finish_reason, finish_reason]).toEqual([asked.prompt, "length", "length"]);
    expect(tokens!.join("")).toBe(text);
    expect(text_offset!.map((at, i) => text.slice(at, text_offset![i + 1]))).toEqual(tokens);
    expect([token_logprobs![0], top_logprobs![0]]).toEqual([null, null]);
    expect(scored.logprobs!.token_logprobs).toEqual(token_logprobs!.slice(0, -1));
    // As lm-evaluation-harness's local-completions reads them: the prompt's without the token that was made.
    const likely = token_logprobs!
      .slice(1, -1)
      .map((own, i) => [own, Math.max(...Object.values(top_logprobs![i + 1]!))]);
    expect(likely.every(([own, most]) => own! <= most! && most! <= 0)).toBe(true);
    // What it says of the token that it makes, it says of the same token in a prompt: the same sums, in rows of another
    // number, so that float32's roundings differ; 2^-12 is 2^12 of them at logits of this size.
    const made = token_logprobs!.at(-1)!;
    const told = (await complete({ ...asked, prompt: text, max_tokens: 0 })).choices[0]!.logprobs!.token_logprobs!;
    expect(Math.abs(told[tokens!.length - 1]! - made)).toBeLessThan(2 ** -12);
  });
  it("stream", async () => {
    let text = "";
    for await (const chunk of await client.completions.create({
      model,
      prompt: "What is",
      temperature: 0,
      stream: true,
    }))
      text += chunk.choices[0]?.text ?? "";
    expect(text).toBe((await complete({})).choices[0]!.text);
  });
});

describe("text and tokens", () => {
  const post = async (path: string, body: object) =>
    (await served.post(path, body)).json() as Promise<Record<string, unknown>>;
  it("there and back", async () => {
    const { tokens, count, max_model_len } = await post("/tokenize", { content: "What is 7 × 8? 等于多少" });
    expect([count, max_model_len]).toEqual([(tokens as number[]).length, 512]);
    expect(await post("/detokenize", { tokens })).toMatchObject({ content: "What is 7 × 8? 等于多少" });
  });
  it("messages come to as many tokens as a request has", async () => {
    expect((await post("/tokenize", { messages: SUM }))["count"]).toBe((await ask()).usage!.prompt_tokens);
  });
  it("the template is applied", async () => {
    expect((await post("/apply-template", { messages: SUM }))["prompt"]).toContain(
      "<|im_start|>user\nWhat is 347 + 586?<|im_end|>\n<|im_start|>assistant\n",
    );
    expect((await post("/apply-template", { messages: SUM, add_generation_prompt: false }))["prompt"]).not.toContain(
      "assistant",
    );
  });
  it("an id that is none is refused", async () => {
    expect(await post("/detokenize", { tokens: [1, 1e9] })).toMatchObject({ error: { param: "tokens[1]" } });
  });
});

describe("what is wrong", () => {
  it("10^9 tokens", async () => {
    const error = await failing({ max_tokens: 1e9 });
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({
      code: "context_length_exceeded",
      param: "max_tokens",
      type: "invalid_request_error",
    });
  });
  it("a prompt that is too long", async () => {
    expect(await failing({ messages: [user("What is 1 + 1? ".repeat(200))] })).toMatchObject({
      status: 400,
      code: "context_length_exceeded",
    });
  });
  it("a picture", async () => {
    const image = { type: "image_url" as const, image_url: { url: "data:," } };
    expect(await failing({ messages: [{ role: "user", content: [image] }] })).toMatchObject({
      param: "messages[0].content[0].type",
    });
  });
  it("another model", async () => {
    expect(await failing({ model: "gpt-4" })).toBeInstanceOf(OpenAI.NotFoundError);
  });
  it.each([
    ["nothing", ""],
    ["half of it", '{"messages": [{"role": "us'],
    ["no JSON", "hello"],
    ["a key twice", '{"messages":[],"messages":[]}'],
    ["half a surrogate pair", '{"messages":[{"role":"user","content":"\\ud800"}]}'],
    ["nesting without end", '{"a":'.repeat(100_000)],
    ["a number for messages", '{"messages":3}'],
    ["a role that nobody knows", '{"messages":[{"role":"robot","content":"x"}]}'],
    ["n of a thousand", '{"messages":[{"role":"user","content":"x"}],"n":1000}'],
    ["an infinite temperature", '{"messages":[{"role":"user","content":"x"}],"temperature":1e999}'],
  ])("%s", async (_, body) => {
    const response = await served.post("/v1/chat/completions", body);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { message: expect.stringMatching(/expected .+, got /), type: "invalid_request_error" } },
    ]);
  });
  it("another kind of body, and one that is too long", async () => {
    expect((await served.post("/v1/chat/completions", "x", { "content-type": "text/plain" })).status).toBe(415);
    expect((await served.post("/v1/chat/completions", `"${"x".repeat(5e6)}"`)).status).toBe(413);
  });
  it("is counted", async () => {
    const text = await (await fetch(`${served.url}/metrics`)).text();
    expect(text).toMatch(/qwq_requests_total\{route="\/v1\/chat\/completions",status="400"\} \d+/);
    expect(text).toMatch(/qwq_tokens_total\{kind="cached"\} \d+/);
    expect(text).toMatch(/qwq_queue_waiting 0/);
  });
});
