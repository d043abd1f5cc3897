/** Who computes a training, and who judges its replies. */
import { UsageError } from "../errors.ts";
import { referenceLearner } from "../training/reference-learner.ts";
import type { MakeLearner } from "../training/run.ts";
import type { Settings } from "../training/settings.ts";
import type { Judge } from "../training/stages/judge.ts";
import type { StageName } from "../training/stages/plan.ts";
import { parseReply } from "../text/reply.ts";

export const LEARNERS = ["auto", "wasm", "reference"] as const;

/** Throws UsageError E_ARG_LEARNER. */
export function learnerOf(name: string, threads: number): MakeLearner {
  if (name === "reference") return (parameters, config) => Promise.resolve(referenceLearner(parameters, config));
  throw new UsageError("E_ARG_LEARNER", "--learner", { expected: LEARNERS.join(", "), actual: name });
}

/** Judges while `use` runs. */
export function withJudge<R>(settings: Settings, stages: readonly StageName[], use: (judge: Judge) => Promise<R>): Promise<R> {
  return use((problem, text) => {
    const { answer } = parseReply(text, { opened: true, toolCalls: true });
    return answer.match(/-?\d+/)?.[0] === problem.answer ? 1 : 0;
  });
}
