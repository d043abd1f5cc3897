/** What a run may cost, before it begins. */
import type { Problem } from "./problem.ts";

/** Prices of a million tokens, in any currency. */
export interface Price {
  readonly prompt: number;
  readonly reply: number;
}

/** What is to be asked, at most. */
export interface Estimated {
  readonly replies: number;
  /** Tokens of prompts, about: of text in English about 3.5 characters make one. */
  readonly promptTokens: number;
  /** Tokens of one reply at most, and of all. */
  readonly mostEach: number;
  readonly mostTokens: number;
  /** At most, where prices are known. */
  readonly mostCost: number | undefined;
}

const CHARACTERS_A_TOKEN = 3.5;

/** `left` is how many replies to each problem are still to be had. */
export function estimate(
  problems: readonly Problem[],
  left: (problem: Problem) => number,
  maxTokens: number,
  price: Price | undefined,
): Estimated {
  const counts = problems.map(left);
  const replies = counts.reduce((sum, count) => sum + count, 0);
  const characters = problems.reduce(
    (sum, { messages, tools }, i) => sum + counts[i]! * JSON.stringify([messages, tools]).length,
    0,
  );
  const promptTokens = Math.ceil(characters / CHARACTERS_A_TOKEN);
  const mostTokens = replies * maxTokens;
  const mostCost = price && (promptTokens * price.prompt + mostTokens * price.reply) / 1e6;
  return { replies, promptTokens, mostEach: maxTokens, mostTokens, mostCost };
}
