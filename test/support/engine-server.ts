/** An OpenAI-style server around our own tokenizer, template and model, with llama-server's routes; and broken ones. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { readJson } from "../../src/json/json.ts";
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
  /** Logits divided by this. */
  readonly temperature?: number;
  /** The thought left in the answer. */
  readonly swallows?: boolean;
  /** Without /completion and /tokenize: as OpenAI itself. */
  readonly plain?: boolean;
  /** Every second answer another. */
  readonly wavers?: boolean;
}

const { checkpoint } = model("tiny");
const tokenizer = new Tokenizer(checkpoint.vocabulary!);

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
      const conversation = conversationFromJson(readJson(text, "request"));
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
      const { prompt, logprobs } = JSON.parse(text) as { prompt: number[] | string; logprobs?: number };
      const ids = typeof prompt === "string" ? Array.from(tokenizer.encode(prompt)) : prompt;
      const top = await likeliest(ids, behaviour.temperature ?? 1);
      const reply = behaviour.wavers && ++asked % 2 === 0 ? "another" : top[0]!.token;
      const table = Object.fromEntries(top.map(({ token, logprob }) => [token, logprob]));
      return { choices: [{ text: reply, logprobs: logprobs === undefined ? null : { top_logprobs: [table] } }] };
    },
    "/v1/chat/completions": () => {
      const message = behaviour.swallows
        ? { content: "I add.\n</think>\n\n4" }
        : { reasoning_content: "I add.", content: "4" };
      return { choices: [{ message, finish_reason: "stop" }] };
    },
  };
  if (behaviour.plain)
    for (const route of ["/tokenize", "/apply-template", "/completion"]) routes[route] = () => undefined;
  return listen(async (request, response) => {
    const answer = await routes[request.url!]?.(await body(request));
    response.statusCode = answer === undefined ? 404 : 200;
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
