/** What replies are worth: a verifier's word, never a model's opinion. */
import { checkAnswer } from "../../verify/answer.ts";
import type { Verdict } from "../../verify/verdict.ts";
import type { Problem } from "../tasks/problem.ts";

/** A reply to a problem. */
export interface Asked {
  readonly problem: Problem;
  /** What follows the prompt's `<think>`, without the end of the turn. */
  readonly reply: string;
}

/** The verdicts on many replies, in their order; what takes time (a server that runs programs) is done together. */
export type Judge = (asked: readonly Asked[]) => Promise<readonly Verdict[]>;

/** The verifiers of src/verify. */
export const verifiers: Judge = (asked) =>
  Promise.resolve(
    asked.map(({ problem, reply }) => {
      if (problem.check.type === "answer") return checkAnswer(reply, problem.check.answer);
      throw new Error(`nothing checks ${problem.check.type} yet`);
    }),
  );
