/**
 * A control for reinforcement: rejection sampling. Replies are drawn and judged in the same way, the right ones are learnt as
 * if they were worked solutions, and the wrong ones are thrown away: there is nothing to learn from a mistake.
 *
 *   loss = 1/M sum over right replies sum_t -ln p(o_it | q, o_i<t)
 *
 * source   Zelikman et al. 2022 (STaR, arXiv 2203.14465); Yuan et al. 2023 (arXiv 2308.01825): rejection sampling fine-tuning
 */
import type { Update } from "../learner.ts";
import type { Classroom, Sample } from "./reinforce.ts";
import { supervise, type Supervised } from "./supervise.ts";

/** One step on the samples that earned everything; none where there are none. */
export async function learnRight(
  { learner, chat }: Classroom,
  samples: readonly Sample[],
  update: Update,
): Promise<Supervised> {
  const right = samples.filter(({ reward }) => reward === 1);
  if (right.length === 0) return { loss: 0, norm: 0, tokens: 0 };
  const prompts = new Map(right.map(({ problem }) => [problem, chat.prompt(problem)]));
  const batch = right.map(({ problem, ids }) => ({ prompt: prompts.get(problem)!, reply: ids }));
  return supervise(learner, batch, update);
}
