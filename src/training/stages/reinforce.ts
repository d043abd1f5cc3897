/**
 * One step of reinforcement: problems, replies to each, what each earned, and the weights a little nearer to those that
 * earned more. The objective is grpo.ts; what a reply earns is said by a verifier.
 */
import type { Drawn, Learner, Update } from "../learner.ts";
import type { Problem } from "../tasks/problem.ts";
import type { TaskTokenizer } from "../tokenizer.ts";
import { type Group, type Objective, policyLessons } from "./grpo.ts";
import type { Judge } from "./judge.ts";
import { checkLoss, checkNorm } from "./not-finite.ts";

/** How a step is taken. */
export interface Reinforcement {
  readonly objective: Objective;
  /** G: replies to each problem. */
  readonly replies: number;
  /** Updates a step: the batch is cut into so many parts, by problems. With one, r stays 1 and nothing is ever clipped. */
  readonly updates: number;
  readonly update: Update;
}

/** A reply with what it said and earned. */
export interface Sample extends Drawn {
  readonly problem: Problem;
  readonly text: string;
  readonly reward: number;
  /** The verifier's reason. */
  readonly reason: string;
  /** ln p of each id under the policy to stay near, where there is one. */
  readonly near?: Float32Array | undefined;
}

/** What a step of reinforcement said. */
export interface Reinforced {
  /** Means over the samples. */
  readonly reward: number;
  readonly length: number;
  readonly ended: number;
  /** The mean of -ln p of what was drawn: how undecided the policy is, in nats a token. */
  readonly entropy: number;
  /** The share of groups in which not all replies earned the same: those that teach. */
  readonly mixed: number;
  readonly loss: number;
  readonly norm: number;
  readonly clipped: number;
  /** Tokens drawn. */
  readonly tokens: number;
}

/** Who draws, in which words, and who judges. */
export interface Classroom {
  readonly learner: Learner;
  readonly chat: TaskTokenizer;
  /** The ids that end a reply. */
  readonly stop: readonly number[];
  readonly judge: Judge;
}

/**
 * Draws G replies to each problem at temperature 1, from the whole vocabulary: so what was drawn is the policy itself, and
 * its ratio is true. Replies that the limit cut off earn nothing.
 */
export async function sample(
  room: Classroom,
  problems: readonly Problem[],
  { replies, limit, seed }: { readonly replies: number; readonly limit: number; readonly seed: number },
): Promise<Sample[]> {
  const all = problems.flatMap((problem) => new Array<Problem>(replies).fill(problem));
  const prompts = problems.flatMap((problem) => new Array<Uint32Array>(replies).fill(room.chat.prompt(problem)));
  const drawn = await room.learner.draw(prompts, { temperature: 1, limit, stop: room.stop, seed });
  return judged(room, all, drawn);
}

/** What each reply earned: 1 if it is right, else 0. What the limit cut off is not asked about. */
export async function judged({ chat, judge }: Classroom, problems: readonly Problem[], drawn: readonly Drawn[]) {
  const all = drawn.map((one, i) => ({ ...one, problem: problems[i]!, text: chat.text(one.ids) }));
  const ended = all.filter((one) => one.ended);
  const verdicts = await judge(ended.map(({ problem, text }) => ({ problem, reply: text })));
  const said = new Map(ended.map((one, i) => [one, verdicts[i]!]));
  return all.map((one): Sample => {
    const { right, reason } = said.get(one) ?? { right: false, reason: "cut off" };
    return { ...one, reward: right ? 1 : 0, reason };
  });
}

/** One step: learns from samples that `sample` has just drawn, `replies` of each problem one after another. */
export async function reinforce(
  { learner, chat }: Classroom,
  samples: readonly Sample[],
  { objective, replies, updates, update }: Reinforcement,
): Promise<Reinforced> {
  const groups: Group[] = [];
  for (let i = 0; i < samples.length; i += replies) {
    groups.push({ prompt: chat.prompt(samples[i]!.problem), replies: samples.slice(i, i + replies) });
  }
  const said = { loss: 0, norm: 0, clipped: 0 };
  const part = Math.ceil(groups.length / updates);
  for (let first = 0; first < groups.length; first += part) {
    const lessons = policyLessons(groups.slice(first, first + part), objective);
    if (lessons.length === 0) continue; // all replies to each problem earned the same
    const { loss, clipped, nll } = await learner.learn(lessons);
    checkLoss(loss, lessons, nll);
    said.loss += loss / updates;
    said.clipped += clipped / updates;
    said.norm = Math.max(said.norm, checkNorm(await learner.update(update)));
  }
  return { ...summary(samples, replies), ...said };
}

/** What samples say of the policy that drew them. */
export function summary(samples: readonly Sample[], replies: number): Omit<Reinforced, "loss" | "norm" | "clipped"> {
  const tokens = samples.reduce((sum, { ids }) => sum + ids.length, 0);
  const surprise = samples.reduce((sum, { logprobs }) => sum - logprobs.reduce((a, b) => a + b, 0), 0);
  let mixed = 0;
  for (let i = 0; i < samples.length; i += replies) {
    const group = samples.slice(i, i + replies);
    if (group.some(({ reward }) => reward !== group[0]!.reward)) mixed++;
  }
  return {
    reward: samples.reduce((sum, { reward }) => sum + reward, 0) / samples.length,
    length: tokens / samples.length,
    ended: samples.filter(({ ended }) => ended).length / samples.length,
    entropy: surprise / tokens,
    mixed: (mixed * replies) / samples.length,
    tokens,
  };
}
