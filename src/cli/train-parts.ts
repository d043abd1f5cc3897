/** Who computes a training, and who judges its replies. */
import { UsageError } from "../errors.ts";
import { quote } from "../json/quote.ts";
import { referenceLearner } from "../training/reference-learner.ts";
import type { MakeLearner } from "../training/run.ts";
import type { Settings } from "../training/settings.ts";
import { type Judge, verifiers } from "../training/stages/judge.ts";

export const LEARNERS = ["kernels", "reference"] as const;

/** Throws UsageError E_ARG_LEARNER. */
export function learnerOf(name: string, threads: number): MakeLearner {
  if (name === "reference") return (parameters, config) => Promise.resolve(referenceLearner(parameters, config));
  if (name === "kernels") {
    return async (parameters, config) => {
      const { openLearner } = await import("../../kernels/training/index.ts");
      return openLearner(parameters, config, { threads });
    };
  }
  throw new UsageError("E_ARG_LEARNER", "--learner", {
    expected: LEARNERS.join(" or "),
    actual: quote(name),
    hint: "See qwq train --help.",
  });
}

/** Judges while `use` runs; with a code execution server where there will be programs to run. Throws as it does to start. */
export async function withJudge<R>({ cold, one, two }: Settings, use: (judge: Judge) => Promise<R>): Promise<R> {
  if ([cold, one, two].every(({ mixture }) => mixture.program === 0)) return use(verifiers());
  const { CodeClient } = await import("../verify/client.ts");
  const server = await CodeClient.start();
  try {
    return await use(verifiers(server));
  } finally {
    await server.close();
  }
}
