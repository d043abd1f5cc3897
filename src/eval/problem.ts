/** A benchmark's problem, and the lines in which replies to it are kept. */
import { FormatError } from "../errors.ts";
import type { Content, Message } from "../text/messages.ts";

/** A line of a benchmark's data, as JSON.parse gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** What is asked, and what grades the reply. */
export interface Problem {
  readonly id: string;
  readonly messages: readonly Message[];
  readonly tools?: readonly Content[] | undefined;
  /** The grader's name. */
  readonly grader: string;
  /** What the grader is given. */
  readonly row: Row;
  /** A part of the benchmark that is reported by itself: a category, a level. */
  readonly part?: string | undefined;
}

/** One reply, as `samples.jsonl` holds it. */
export interface Sample {
  readonly problem: string;
  /** From 0. */
  readonly sample: number;
  readonly seed: number;
  readonly thinking: string;
  readonly answer: string;
  /** Calls as the model wrote them, between its tags. */
  readonly calls?: readonly string[] | undefined;
  /** Why it ended; "context" where the prompt found no room, and nothing was said. */
  readonly reason: string;
  readonly promptTokens?: number | undefined;
  readonly tokens?: number | undefined;
  readonly thinkingTokens?: number | undefined;
  readonly seconds: number;
}

/** What is never asked twice. */
export function keyOf({ problem, sample }: Pick<Sample, "problem" | "sample">): string {
  return JSON.stringify([problem, sample]);
}

/** A text that a line must have. Throws FormatError E_EVAL_DATA. */
export function textIn(row: Row, key: string, where: string): string {
  const value = row[key];
  if (typeof value === "string" && value !== "") return value;
  throw new FormatError("E_EVAL_DATA", where, {
    expected: `"${key}" to be a text`,
    actual: value === undefined ? "nothing" : JSON.stringify(value).slice(0, 60),
    hint: "Is this the benchmark's own data?",
  });
}
