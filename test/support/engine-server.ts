/** An OpenAI-style server around our own tokenizer, template and model, with llama-server's routes; and broken ones. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { type JsonObject, readJson } from "../../src/json/json.ts";
import { logSoftmax } from "../../src/oracle/probe/logprobs.ts";
import { recordTaps } from "../../src/oracle/taps.ts";
import { reference } from "../../src/reference/index.ts";
import { conversationFromJson } from "../../src/text/messages.ts";
import { renderChat } from "../../src/text/template.ts";
import { Tokenizer } from "../../src/text/tokenizer.ts";
import { model } from "./models.ts";

export interface Behaviour {
  /** A token put before every text. */
  readonly bos?: boolean;
  /** The prompt without white space at its end. */
  readonly trims?: boolean;
  /** Refuses a conversation that has tools. */
  readonly refuses?: boolean;
  /** Logits divided by this. */
  readonly temperature?: number;
  /** The thought left in the answer. */
  readonly swallows?: boolean;
  /** Without /completion and /tokenize: as OpenAI itself. */
  readonly plain?: boolean;
  /** Every second answer another. */
  readonly wavers?: boolean;
  /** vLLM's prompt_logprobs, as its documentation describes them; "late" has those of one position earlier. */
  readonly prompts?: "right" | "late" | "words";
}

const { checkpoint } = model("tiny");
const tokenizer = new Tokenizer(checkpoint.vocabulary!);

/** Of each id of a prompt the ten likeliest in its place, and itself; null of the first. */
async function promptLogprobs(ids: number[], late: number): Promise<(object | null)[]> {
  const [taps] = await recordTaps(reference, checkpoint.weights, checkpoint.config, Uint32Array.from(ids), {
    want: (name) => name === "logits",
  });
  const { shape, data } = taps!.data;
  const V = shape[1]!;
  return ids.map((id, t) => {
    if (t === 0) return null;
    const row = Math.max(0, t - 1 - late);
    const all = logSoftmax(data.subarray(row * V, (row + 1) * V));
    const order = [...all.keys()].sort((a, b) => all[b]! - all[a]!);
    const shown = [...new Set([id, ...order.slice(0, 10)])];
    const entry = (one: number) => ({
      logprob: all[one]!,
      rank: order.indexOf(one) + 1,
      decoded_token: tokenizer.decode([one]),
    });
    return Object.fromEntries(shown.map((one) => [`${one}`, entry(one)]));
  });
}

async function likeliest(
  ids: number[],
  temperature: number,
): Promise<{ id: number; token: string; logprob: number }[]> {
  const taps = await recordTaps(reference, checkpoint.weights, checkpoint.config, Uint32Array.from(ids), {
    want: (name) => name === "logits",
  });
  const { shape, data } = taps[0]!.data;
  const last = logSoftmax(data.slice(data.length - shape[1]!).map((x) => x / temperature));
  const order = [...last.keys()].sort((a, b) => last[b]! - last[a]!).slice(0, 10);
  return order.map((id) => ({ id, token: tokenizer.decode([id]), logprob: last[id]! }));
}

export async function engineServer(behaviour: Behaviour = {}): Promise<string> {
  let asked = 0;
  const routes: Record<string, (text: string) => unknown> = {
    "/v1/models": () => ({ data: [{ id: "tiny" }] }),
    "/tokenize": (text) => {
      const { content } = JSON.parse(text) as { content: string };
      return { tokens: [...(behaviour.bos ? [506] : []), ...tokenizer.encode(content)] };
    },
    "/apply-template": async (text) => {
      const json = readJson(text, "request") as JsonObject;
      if (behaviour.refuses && json.has("tools")) return undefined;
      const generates = json.get("add_generation_prompt") ?? true; // as llama-server has it
      const conversation = conversationFromJson(new Map([...json, ["add_generation_prompt", generates]]));
      const prompt = await renderChat(checkpoint.template!, {
        ...conversation,
        specialTokens: checkpoint.specialTokens,
      });
      return { prompt: behaviour.trims ? prompt.trimEnd() : prompt };
    },
    "/completion": async (text) => {
      const { prompt } = JSON.parse(text) as { prompt: number[] };
      return { completion_probabilities: [{ top_logprobs: await likeliest(prompt, behaviour.temperature ?? 1) }] };
    },
    "/v1/completions": async (text) => {
      const request = JSON.parse(text) as { prompt: number[] | string; logprobs?: number; prompt_logprobs?: number };
      const { prompt, logprobs } = request;
      const ids = typeof prompt === "string" ? Array.from(tokenizer.encode(prompt)) : prompt;
      const top = await likeliest(ids, behaviour.temperature ?? 1);
      const reply = behaviour.wavers && ++asked % 2 === 0 ? "another" : top[0]!.token;
      const table = Object.fromEntries(top.map(({ token, logprob }) => [token, logprob]));
      const late = behaviour.prompts === "late" ? 1 : 0;
      const within =
        request.prompt_logprobs === undefined || behaviour.prompts === undefined
          ? undefined
          : behaviour.prompts === "words"
            ? ids.map(() => "no")
            : await promptLogprobs(ids, late);
      const next = logprobs === undefined ? null : { top_logprobs: [table] };
      return { choices: [{ text: reply, logprobs: next, ...(within !== undefined && { prompt_logprobs: within }) }] };
    },
    "/v1/chat/completions": () => {
      const message = behaviour.swallows
        ? { content: "I add.\n</think>\n\n4" }
        : { reasoning_content: "I add.", content: "4" };
      return { choices: [{ message, finish_reason: "stop" }] };
    },
  };
  const hidden = behaviour.plain ? ["/tokenize", "/apply-template", "/completion"] : [];
  return listen(async (request, response) => {
    const route = hidden.includes(request.url!) ? undefined : routes[request.url!];
    const answer = await route?.(await body(request));
    response.statusCode = answer === undefined ? (route === undefined ? 404 : 400) : 200;
    response.end(JSON.stringify(answer ?? { error: "no such route" }));
  });
}

async function body(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** A server that ends with the test; its address. */
export async function listen(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server: Server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
