/** What replies are worth: a verifier's word, never a model's opinion. */
import { checkAll, type Runner } from "../../verify/check.ts";
import type { Verdict } from "../../verify/verdict.ts";
import type { Problem } from "../tasks/problem.ts";

/** A reply to a problem. */
export interface Asked {
  readonly problem: Problem;
  /** What follows the prompt's `<think>`, without the end of the turn. */
  readonly reply: string;
}

/** The verdicts on many replies, in their order. */
export type Judge = (asked: readonly Asked[]) => Promise<readonly Verdict[]>;

/** The verifiers of src/verify; programs are run by the server, all of a batch together. */
export function verifiers(runner?: Runner): Judge {
  return (asked) =>
    checkAll(
      asked.map(({ problem: { check }, reply }) => ({ reply, check })),
      runner,
    );
}
