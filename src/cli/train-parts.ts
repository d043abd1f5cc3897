/** Who computes a training. */
import { UsageError } from "../errors.ts";
import { referenceLearner } from "../training/reference-learner.ts";
import type { MakeLearner } from "../training/run.ts";

export const LEARNERS = ["auto", "reference"] as const;

/** Throws UsageError E_ARG_LEARNER. */
export function learnerOf(name: string): MakeLearner {
  if (name === "reference" || name === "auto") {
    return (parameters, config) => Promise.resolve(referenceLearner(parameters, config));
  }
  throw new UsageError("E_ARG_LEARNER", "--learner", { expected: LEARNERS.join(", "), actual: name });
}
