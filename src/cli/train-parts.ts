/** Who computes a training, and who judges its replies. */
import { UsageError } from "../errors.ts";
import { referenceLearner } from "../training/reference-learner.ts";
import type { MakeLearner } from "../training/run.ts";
import type { Judge } from "../training/stages/judge.ts";
import { parseReply } from "../text/reply.ts";

export const LEARNERS = ["auto", "reference"] as const;

/** Throws UsageError E_ARG_LEARNER. */
export function learnerOf(name: string): MakeLearner {
  if (name === "reference" || name === "auto") {
    return (parameters, config) => Promise.resolve(referenceLearner(parameters, config));
  }
  throw new UsageError("E_ARG_LEARNER", "--learner", { expected: LEARNERS.join(", "), actual: name });
}

/** A reply earns 1 where its answer is the right number. */
export const judge: Judge = (problem, text) => {
  const { answer } = parseReply(text, { opened: true, toolCalls: true });
  return answer.match(/-?\d+/)?.[0] === problem.answer ? 1 : 0;
};
