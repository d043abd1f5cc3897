/** The stages of the recipe, each as a step that is taken again and again. */
import { Halted } from "../../generate/feed.ts";
import type { Learner, Update } from "../learner.ts";
import type { Course, Settings } from "../settings.ts";
import { shareKept } from "../../verify/rules.ts";
import { Dice, hash } from "../tasks/dice.ts";
import type { Problem } from "../tasks/problem.ts";
import { lesson, ofReply } from "./lesson.ts";
import { lots } from "./lots.ts";
import { pairs } from "./pairs.ts";
import { type Classroom, reinforce, type Sample, sample } from "./reinforce.ts";
import { learnRight } from "./reject.ts";
import { prefer } from "./reward-model.ts";
import { supervise } from "./supervise.ts";

/**
 * In the order of the recipe; the last two are controls, which begin where stage one does: the same time spent on more
 * supervision, and on rejection sampling.
 */
export const STAGES = ["cold", "one", "judge", "two", "more", "reject"] as const;
export type StageName = (typeof STAGES)[number];

/** What a step said, and perhaps a reply to look at. */
export interface Said {
  readonly values: Readonly<Record<string, number>>;
  readonly sample?: Sample | undefined;
}

/** One stage of a training. */
export interface Stage {
  readonly course: Course;
  /** Takes step k, from 0. What it draws follows from the seed, the stage and k. Throws NotFinite; Halted before it learns. */
  step(k: number, update: Update): Promise<Said>;
}

/** What a stage is made of. */
export interface Means extends Classroom {
  readonly settings: Settings;
  readonly seed: string;
  /** The reward model, in stage two. */
  readonly critic?: Learner | undefined;
  /** The policy in which the stage began, where straying from it costs. */
  readonly anchor?: Learner | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The stage of that name. */
export function stage(name: StageName, means: Means): Stage {
  switch (name) {
    case "cold":
    case "more":
      return teaching(name, means);
    case "judge":
      return judging(means);
    case "one":
    case "two":
    case "reject":
      return reinforcing(name, means);
  }
}

/** The name of a step, from which all its chance follows: its problems, its slips, its draws. */
const nameOf = ({ seed }: Means, stage: StageName, k: number) => `${seed}/${stage}/${k}`;

/** Supervision on worked solutions, some of which slip. */
function teaching(name: "cold" | "more", means: Means): Stage {
  const { settings, chat, learner } = means;
  const course = name === "cold" ? settings.cold : { ...settings.cold, ...settings.more };
  const { mixture } = course;
  const { digits } = settings;
  return {
    course,
    async step(k, update) {
      const dice = new Dice(nameOf(means, name, k), "slips");
      const batch = lots(nameOf(means, name, k), "train", { mixture, digits }, course.batch).map((problem) => {
        return chat.solved(problem, dice.chance(course.slips) ? dice : undefined);
      });
      return { values: { ...(await supervise(learner, batch, update)) } };
    },
  };
}

/** Reinforcement by verifiers, and in stage two by a reward model too; or its control. */
function reinforcing(name: "one" | "two" | "reject", means: Means): Stage {
  const { settings, chat, learner } = means;
  const course = name === "two" ? settings.two : settings.one;
  const { replies, updates, advantage, length, low, high, kl, mixture } = course;
  const { limit, digits } = settings;
  const objective = { advantage, length, low, high, kl, limit };
  return {
    course,
    async step(k, update) {
      const problems = lots(nameOf(means, name, k), "train", { mixture, digits }, course.problems);
      const drawn = await sample(means, problems, { replies, limit, seed: hash(nameOf(means, name, k)) });
      if (means.signal?.aborted) throw new Halted();
      const shown = drawn[0];
      if (name === "reject") {
        const reward = mean(drawn.map((one) => one.reward));
        return { values: { reward, ...(await learnRight(means, drawn, update)) }, sample: shown };
      }
      const judged = name === "two" ? await opinions(means, drawn) : drawn;
      const held = await anchored(means, name === "two" ? partly(means, judged) : judged);
      const said = await reinforce({ ...means, learner, chat }, held, { objective, replies, updates, update });
      return {
        values: { ...said, ...reasons(drawn), ...byKind(drawn), ...opinionsSaid(drawn, judged) },
        sample: shown,
      };
    },
  };
}

/** How often each of the verifiers' reasons was given: what the policy tries, and what does not pass. */
function reasons(samples: readonly Sample[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { reason } of samples) counts[`said_${reason.replace(" ", "_")}`] = 0;
  for (const { reason } of samples) counts[`said_${reason.replace(" ", "_")}`]! += 1 / samples.length;
  return counts;
}

/** Where there are several kinds of problems: how often each was right, by its verifier. */
function byKind(samples: readonly Sample[]): Record<string, number> {
  const kinds = new Set(samples.map(({ problem }) => problem.kind));
  if (kinds.size < 2) return {};
  return Object.fromEntries(
    [...kinds].sort().map((kind) => {
      const own = samples.filter(({ problem }) => problem.kind === kind);
      return [`right_${kind}`, mean(own.map(({ reward }) => reward))];
    }),
  );
}

/** What the reward model thought of replies that the verifier called right, and of those that it refused. */
function opinionsSaid(drawn: readonly Sample[], judged: readonly Sample[]): Record<string, number> {
  const asked = drawn.flatMap(({ problem, reward }, i) => {
    return EXACT.has(problem.kind) ? [] : [{ right: reward === 1, opinion: judged[i]!.reward - reward }];
  });
  if (judged === drawn || asked.length === 0) return {};
  const of = (right: boolean) => mean(asked.flatMap((one) => (one.right === right ? [one.opinion] : [])));
  const said = { opinion_right: of(true), opinion_refused: of(false) };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => !Number.isNaN(value)));
}

const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

/** Kinds whose verifier knows the one right answer: there an opinion could only mislead. */
const EXACT: ReadonlySet<Problem["kind"]> = new Set(["arithmetic", "story", "program"]);

/** Rewards with the reward model's word added where the verifier sees only the form: R + opinion sigmoid(r). */
async function opinions({ critic, chat, settings }: Means, samples: readonly Sample[]): Promise<Sample[]> {
  const open = samples.filter(({ problem }) => !EXACT.has(problem.kind));
  if (open.length === 0) return [...samples];
  const r = await critic!.rewards(open.map(({ problem, ids }) => Uint32Array.of(...chat.prompt(problem), ...ids)));
  const worth = new Map(open.map((one, i) => [one, settings.two.opinion / (1 + Math.exp(-r[i]!))]));
  return samples.map((one) => ({ ...one, reward: one.reward + (worth.get(one) ?? 0) }));
}

/** Rewards with what a reply earns that keeps some of its rules: where none keeps all, there is still something to learn. */
function partly({ settings: { two } }: Means, samples: readonly Sample[]): readonly Sample[] {
  if (two.partial === 0) return samples;
  return samples.map((one) => {
    const { check } = one.problem;
    if (check.type !== "rules" || !one.ended) return one;
    return { ...one, reward: one.reward + two.partial * shareKept(one.text, check.rules) };
  });
}

/**
 * Samples with what the policy to stay near would have said of them, where there is one: those of stage one's kinds of
 * problems. What it taught is held; other kinds are what stage two is to change, and straying is free there.
 */
async function anchored({ anchor, chat, settings }: Means, samples: readonly Sample[]): Promise<readonly Sample[]> {
  if (anchor === undefined) return samples;
  const known = samples.filter(({ problem }) => settings.one.mixture[problem.kind] > 0);
  const dialogues = known.map(({ problem, ids }) => ({ prompt: chat.prompt(problem), reply: ids }));
  const scores = await anchor.score(dialogues.map((one) => lesson(one, 1)));
  const near = new Map(known.map((one, i) => [one, ofReply(dialogues[i]!, scores[i]!)]));
  return samples.map((one) => ({ ...one, near: near.get(one) }));
}

/** The reward model, from generated pairs. */
function judging(means: Means): Stage {
  const { settings, chat, learner } = means;
  const choice = { mixture: settings.two.mixture, digits: settings.digits };
  return {
    course: settings.judge,
    async step(k, update) {
      const name = nameOf(means, "judge", k);
      const batch = pairs(name, "train", choice, settings.judge.batch).map(({ problem, chosen, rejected }) => {
        const whole = (text: string) => Uint32Array.of(...chat.prompt(problem), ...chat.reply(text));
        return { chosen: whole(chosen), rejected: whole(rejected) };
      });
      return { values: { ...(await prefer(learner, batch, update)) } };
    },
  };
}
