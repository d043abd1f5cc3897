/** Who answers a conversation: the model in this process (local.ts), or a server that speaks OpenAI's API (server.ts). */
import type { Content, Message } from "../text/messages.ts";
import type { ToolCall } from "../text/reply.ts";

/** How replies are drawn. What is not told is left to the model, or to the server. */
export interface Drawing {
  readonly temperature?: number | undefined;
  readonly topK?: number | undefined;
  readonly topP?: number | undefined;
  readonly minP?: number | undefined;
  readonly repetitionPenalty?: number | undefined;
  /** New tokens at most. */
  readonly maxTokens?: number | undefined;
}

/** QwQ's own settings, with which its authors measured it: temperature 0.6, top-k 40, top-p 0.95, 32,768 tokens. */
export const QWQ_DRAWING = { temperature: 0.6, topK: 40, topP: 0.95, minP: 0, maxTokens: 32_768 } as const;

/** What is asked. */
export interface Question {
  readonly messages: readonly Message[];
  /** Functions that the model may call, as OpenAI writes them: {type: "function", function: {name, parameters}}. */
  readonly tools?: readonly Content[] | undefined;
  readonly drawing: Drawing;
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of text as it comes. */
  readonly onText?: ((text: string, of: "thinking" | "answer") => void) | undefined;
}

/** What was said. */
export interface Said {
  readonly thinking: string;
  readonly answer: string;
  readonly toolCalls: readonly ToolCall[];
  /** Why it ended: "stop", "length", "loop", "tool_calls", or what a server calls it. */
  readonly reason: string;
  /** Tokens of the prompt and of the reply; absent where a server does not count. */
  readonly promptTokens?: number | undefined;
  readonly tokens?: number | undefined;
  /** Of these, the tokens of the thoughts. */
  readonly thinkingTokens?: number | undefined;
  readonly seconds: number;
}

/** Who answers. */
export interface Responder {
  /** The model's name, for reports. */
  readonly name: string;
  /** Questions that it can work at together. */
  readonly atOnce: number;
  /** Tokens that its context holds, where that is known: no reply has more. */
  readonly context?: number | undefined;
  /** Throws QwqError; where the signal came, whatever the signal's reason is. */
  ask(question: Question): Promise<Said>;
  /** Ends it: connections are closed, a local model lets its files go. */
  close(): Promise<void>;
}

/** Thoughts' part of a reply's tokens, by characters: what is said where nobody counted. */
export function thoughtTokens(tokens: number | undefined, thinking: string, answer: string): number | undefined {
  const characters = thinking.length + answer.length;
  return tokens === undefined || characters === 0 ? undefined : Math.round((tokens * thinking.length) / characters);
}
