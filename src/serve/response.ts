/** What responses have in common. */
import { randomUUID } from "node:crypto";
import type { ChoiceEnd, ChoiceEvent } from "./choice.ts";
import type { ServedModel } from "./model.ts";

/** One object of a stream. */
export type Chunk = object;

/** A request's place in the line: every choice waits for its turn. */
export interface Turns {
  /** Aborted when the client has left, or the server ends. */
  readonly signal: AbortSignal;
  /** Waits; what it returns gives the turn back. */
  next(): Promise<() => void>;
  /** Counts what passes, of a sequence whose prompt has so many tokens. */
  watch(events: AsyncGenerator<ChoiceEvent, void>, promptTokens: number): AsyncGenerator<ChoiceEvent, void>;
}

/** The first fields of a response of this kind. */
export function fields(prefix: string, object: string, { id, fingerprint }: ServedModel) {
  return {
    id: `${prefix}-${randomUUID().replaceAll("-", "")}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model: id,
    system_fingerprint: fingerprint,
  };
}

/** The numbers of tokens of all choices together. */
export function usageOf(promptTokens: number, ends: readonly ChoiceEnd[]) {
  const sum = (key: "tokens" | "reasoningTokens") => ends.reduce((total, end) => total + end[key], 0);
  const completion = sum("tokens");
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completion,
    total_tokens: promptTokens + completion,
    prompt_tokens_details: { cached_tokens: ends[0]?.cachedTokens ?? 0 },
    completion_tokens_details: { reasoning_tokens: sum("reasoningTokens") },
  };
}

/** Flaws stand beside what OpenAI tells, and only where there are some. */
export function flawsOf(end: ChoiceEnd | undefined) {
  return end === undefined || end.flaws.length === 0 ? {} : { flaws: end.flaws };
}
