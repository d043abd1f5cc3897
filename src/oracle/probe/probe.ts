/**
 * A running server, judged from outside: its tokenizer, template, probabilities, repeatability and thoughts.
 *
 * Routes of llama-server (/tokenize, /apply-template, /completion with n_probs), of vLLM (/tokenize, prompt_logprobs) and
 * of OpenAI (/v1/completions with logprobs, /v1/chat/completions) are tried; what a server does not have is skipped, and
 * what it answers in no known form is no verdict.
 */
import { as } from "../../json/fields.ts";
import { type Json, readJson } from "../../json/json.ts";
import type { Tokenizer } from "../../text/tokenizer.ts";
import type { Check, Checks } from "../checks.ts";
import { firstDifference } from "../difference.ts";
import { idsCheck, idsOf, rendered } from "../text/compare.ts";
import { type Answer, Client } from "./client.ts";
import { logprobsChecks, promptChecks } from "./logprobs.ts";
import type { ProbeOptions } from "./options.ts";

/** Every check that the server allows. What it does not allow is skipped, with the reason. */
export async function probe(url: string, options: ProbeOptions): Promise<Checks> {
  const client = new Client(url, options.timeout, options.key);
  const model = options.model ?? (await firstModel(client));
  const checks = [
    ...(await tokenChecks(client, model, options)),
    ...(await templateChecks(client, options)),
    ...(await logprobsChecks(client, model, options)),
    ...(await promptChecks(client, model, options)),
    await repeatCheck(client, model),
    await thoughtCheck(client, model),
  ];
  const notes =
    model === undefined
      ? ["The server names no model (/v1/models); requests name none."]
      : [`The server's model: ${model}.`];
  return { schema: "oracle-checks/1", command: "probe", subject: url, checks, notes };
}

async function firstModel(client: Client): Promise<string | undefined> {
  const answer = await client.get("/v1/models");
  const list = "json" in answer && answer.json instanceof Map ? answer.json.get("data") : undefined;
  const first = Array.isArray(list) ? list[0] : undefined;
  const id = first instanceof Map ? first.get("id") : undefined;
  return typeof id === "string" ? id : undefined;
}

function skipped(code: string, where: string, answer: Answer): Check {
  return {
    code,
    outcome: "skip",
    where,
    next: "why" in answer ? `Not judged: ${answer.why}.` : "Not judged: an answer of no known form.",
  };
}

/** One check for all strings: the first that differs is shown. */
async function tokenChecks(client: Client, model: string | undefined, options: ProbeOptions): Promise<Check[]> {
  const { tokenizer, strings } = options;
  const where = "/tokenize";
  for (const [i, text] of strings.entries()) {
    const answer = await tokenized(client, model, text);
    if (!("ids" in answer)) return [skipped("probe-tokens", where, answer)];
    const check = idsCheck(text, tokenizer.encode(text), answer.ids, tokenizer, `${where}, string ${i + 1}`);
    if (check.outcome === "fail")
      return [{ ...check, code: answer.ids[0] === beginning(tokenizer) ? "probe-bos" : "probe-tokens" }];
  }
  return [
    { code: "probe-tokens", outcome: "pass", where },
    { code: "probe-bos", outcome: "pass", where },
  ];
}

/** The id that is wrongly put first. */
function beginning(tokenizer: Tokenizer): number | undefined {
  return tokenizer.id("<|endoftext|>") ?? tokenizer.id("<|im_start|>");
}

/** llama-server's form and vLLM's in one request: each reads its own keys. Special tokens are added as for a prompt. */
async function tokenized(
  client: Client,
  model: string | undefined,
  text: string,
): Promise<Answer | { readonly ids: number[] }> {
  const body = { content: text, add_special: true, parse_special: true, prompt: text, add_special_tokens: true, model };
  const answer = await client.post("/tokenize", body);
  const ids = "json" in answer ? idsOf(answer.json) : undefined;
  return ids === undefined ? answer : { ids };
}

async function templateChecks(
  client: Client,
  { template, specialTokens, conversations }: ProbeOptions,
): Promise<Check[]> {
  const [code, where] = ["probe-template", "/apply-template"];
  if (template === undefined) return [];
  let [judged, refused]: [number, Check?] = [0];
  for (const [i, given] of conversations.entries()) {
    const line = asked(given);
    const expected = line === undefined ? undefined : await rendered(line, template, { ...specialTokens });
    if (line === undefined || expected === undefined) continue; // how a server refuses is its own affair
    const answer = await client.postText(where, line);
    const prompt = "json" in answer && answer.json instanceof Map ? answer.json.get("prompt") : undefined;
    if (typeof prompt !== "string") {
      refused ??= skipped(code, where, answer);
      if (!("status" in answer) || answer.status === 404) return [refused];
      continue; // this conversation alone
    }
    judged++;
    if (prompt === expected) continue;
    const [wanted, got] = firstDifference(expected, prompt);
    return [
      {
        code,
        outcome: "fail",
        where: `${where}, conversation ${i + 1}`,
        expected: wanted,
        actual: got,
        next: `The conversation: ${line.slice(0, 120)}.`,
      },
    ];
  }
  if (refused === undefined) return [{ code, outcome: "pass", where }];
  const actual = `${judged} conversations; others were refused`;
  return [judged === 0 ? refused : { code, outcome: "pass", where, actual }];
}

/**
 * The conversation as a server is asked for it: llama-server adds a generation prompt unless told, where templates do not.
 * None where the assistant's message is the last one, which llama-server takes as the beginning of its answer.
 */
function asked(conversation: string): string | undefined {
  const json = readJson(conversation, "suite");
  const messages = json instanceof Map ? json.get("messages") : undefined;
  const last = Array.isArray(messages) ? messages.at(-1) : undefined;
  if (last instanceof Map && last.get("role") === "assistant") return undefined;
  if (!(json instanceof Map) || json.has("add_generation_prompt")) return conversation;
  return conversation.replace("{", '{"add_generation_prompt": false, ');
}

/** The same greedy request twice. */
async function repeatCheck(client: Client, model: string | undefined): Promise<Check> {
  const [code, where] = ["probe-repeat", "/v1/completions"];
  const body = { model, prompt: "The tide comes in", max_tokens: 12, temperature: 0, seed: 1 };
  const answers = [await client.post(where, body), await client.post(where, body)];
  const texts = answers.map((answer) => ("json" in answer ? completionText(answer.json) : undefined));
  const bad = texts.findIndex((text) => text === undefined);
  if (bad >= 0) return skipped(code, where, answers[bad]!);
  if (texts[0] === texts[1]) return { code, outcome: "pass", where };
  const [expected, actual] = firstDifference(texts[0]!, texts[1]!);
  return {
    code,
    outcome: "warn",
    where,
    expected,
    actual,
    next: "Greedy decoding twice: batches, or sums in another order.",
  };
}

function choice(json: Json): Json | undefined {
  const choices = json instanceof Map ? json.get("choices") : undefined;
  return Array.isArray(choices) ? choices[0] : undefined;
}

function completionText(json: Json): string | undefined {
  const first = choice(json);
  const text = first instanceof Map ? first.get("text") : undefined;
  return typeof text === "string" ? text : undefined;
}

/** A thought must not end in the answer, and the answer must not be lost in the thought. */
async function thoughtCheck(client: Client, model: string | undefined): Promise<Check> {
  const [code, where] = ["probe-thoughts", "/v1/chat/completions"];
  const body = { model, messages: [{ role: "user", content: "What is 2 + 2?" }], max_tokens: 400, temperature: 0 };
  const answer = await client.post(where, body);
  const first = "json" in answer ? choice(answer.json) : undefined;
  const message = first instanceof Map ? first.get("message") : undefined;
  if (!(message instanceof Map) || !(first instanceof Map)) return skipped(code, where, answer);
  const text = (key: string) => {
    const value = message.get(key);
    return value === undefined || value === null ? "" : as(value, "string", key, where);
  };
  const [content, thoughts] = [text("content"), text("reasoning_content") || text("reasoning")];
  if (content.includes("</think>")) {
    const expected = "thoughts apart from the answer, or none";
    return {
      code,
      outcome: "fail",
      where,
      expected,
      actual: '"</think>" within the content',
      next: "The prompt opened the thought: the reply has no <think> of its own.",
    };
  }
  const ended = first.get("finish_reason") === "stop";
  if (ended && content.trim() === "" && thoughts.includes("</think>")) {
    return {
      code,
      outcome: "fail",
      where,
      expected: "an answer",
      actual: "no content, and </think> within the thoughts",
      next: "The parser took the whole reply for a thought.",
    };
  }
  return { code, outcome: "pass", where };
}
