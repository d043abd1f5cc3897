/** A question as OpenAI's API takes it. */
import { JsonNumber } from "../json/json.ts";
import type { Content, Message } from "../text/messages.ts";
import type { Question } from "./responder.ts";

/** The body of a request for a streamed reply. `plain` leaves out what OpenAI itself does not know. */
export function requestBody(model: string, question: Question, plain: boolean): object {
  const { messages, tools, drawing, seed } = question;
  const { temperature, topP, topK, minP, repetitionPenalty, maxTokens } = drawing;
  const further = { top_k: topK, min_p: minP, repetition_penalty: repetitionPenalty };
  return {
    model,
    messages: messages.map(messageOf),
    tools: tools === undefined || tools.length === 0 ? undefined : tools.map(plainJson),
    temperature,
    top_p: topP,
    ...(plain ? {} : further),
    max_tokens: maxTokens,
    seed,
    stream: true,
    stream_options: { include_usage: true },
  };
}

/** Templates take a call's arguments as an object, the API as text; each call has an id there, which its result repeats. */
function messageOf(message: Message): unknown {
  const plain = plainJson(message) as Record<string, unknown>;
  const calls = plain["tool_calls"] as { id?: string; function: { name: string; arguments: unknown } }[] | undefined;
  if (calls === undefined) return plain;
  const written = calls.map(({ id, function: { name, arguments: given } }) => ({
    id,
    type: "function",
    function: { name, arguments: typeof given === "string" ? given : JSON.stringify(given) },
  }));
  return { ...plain, tool_calls: written };
}

/** Maps as objects, numbers as they are. */
export function plainJson(content: Content | undefined): unknown {
  if (content instanceof JsonNumber) return content.value;
  if (typeof content === "bigint") return Number(content);
  if (Array.isArray(content)) return content.map(plainJson);
  if (content instanceof Map) {
    return Object.fromEntries([...content].map(([key, value]) => [key, plainJson(value as Content)]));
  }
  if (typeof content !== "object" || content === null) return content;
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, plainJson(value as Content)]));
}
