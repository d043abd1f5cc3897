/** Known flaws of the model's replies, counted over a run. */
import { detectLanguage } from "../verify/detect.ts";
import { flawsOfReply } from "../verify/flaws.ts";
import type { Problem, Sample } from "./problem.ts";

/** In how many replies each flaw was seen; one that was seen in none is left out. */
export function countFlaws(problems: readonly Problem[], samples: readonly Sample[]): Record<string, number> {
  const questions = new Map(
    problems.map(({ id, messages }) => [id, messages.map(({ content }) => content).join("\n")]),
  );
  const counts: Record<string, number> = {};
  for (const sample of samples) {
    const flaws = flawsOfReply(sample, questions.get(sample.problem) ?? "", detectLanguage);
    for (const { type } of flaws) counts[type] = (counts[type] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
