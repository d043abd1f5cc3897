/**
 * A problem to learn from: what is asked, how one thinks to the answer, and what tells a right reply from a wrong one.
 *
 * Every problem has a key, its mathematics without wording, language, names and order. The key alone decides the split, so
 * that no problem that is trained on is ever tested, in whatever words.
 */
import type { Content, Message } from "../../text/messages.ts";
import type { Check } from "../../verify/check.ts";
import { type Dice, hash } from "./dice.ts";

/** Those of the whole recipe (golden/recipe). */
export const RECIPE_KINDS = ["arithmetic", "story", "program", "instruction", "tool"] as const;
export type RecipeKind = (typeof RECIPE_KINDS)[number];

export const KINDS = [...RECIPE_KINDS, "agent", "copy"] as const;
export type Kind = (typeof KINDS)[number];

/** To learn from; to choose settings by; to report. */
export type Split = "train" | "validate" | "test";

export type Language = "en" | "zh";

export interface Problem {
  readonly kind: Kind;
  /** The problem without its words. */
  readonly key: string;
  readonly language: Language;
  /** What the model is asked, as the chat template takes it. */
  readonly messages: readonly Message[];
  /** Tools that are offered. */
  readonly tools?: readonly Content[] | undefined;
  /** Which of the model's turns in them are right, and learnt from too: numbers from 0. None unless told. */
  readonly learnt?: readonly number[] | undefined;
  /** The answer at its shortest. */
  readonly answer: string;
  readonly check: Check;
  /**
   * A whole reply as the model should write it: what follows `<think>\n` in the prompt, up to the end of the turn. With
   * dice, one of its steps goes wrong, and so does its answer.
   */
  solution(slip?: Dice): string;
}

/** Sixteenths of the keys: one to validate, one to test, the rest to train on. */
const SHARES = 16;

/** Kept for good, or what was trained on would be tested. With it 347 + 586, which the README asks, is never trained on. */
const SALT = "1";

/**
 * The split of a key. A problem of several sums, "7+12;5-19", belongs to a split if all of them do, and otherwise to none:
 * else a sum that is tested would be trained on inside a longer problem.
 */
export function splitOf(key: string): Split | undefined {
  const splits = new Set(key.split(";").map(splitOfOne));
  return splits.size === 1 ? [...splits][0] : undefined;
}

function splitOfOne(key: string): Split {
  const share = hash(`${SALT}/${key}`) % SHARES;
  return share === 0 ? "test" : share === 1 ? "validate" : "train";
}

/** Thoughts and answer, as QwQ writes them after the `<think>\n` of its prompt. */
export function reply(thoughts: readonly string[], answer: string): string {
  return `${thoughts.join("\n")}\n</think>\n\n${answer}`;
}
