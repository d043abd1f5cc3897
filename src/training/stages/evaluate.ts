/** How often a model is right on problems it has never seen, in three ways of drawing its replies. */
import type { Drawing } from "../learner.ts";
import type { Problem } from "../tasks/problem.ts";
import { type Share, wilson } from "./interval.ts";
import { type Classroom, judged, type Sample } from "./reinforce.ts";

/** How replies are drawn for a table: what reinforcement sees, what a user sees, and what the likeliest tokens say. */
export const WAYS = {
  sampled: { temperature: 1 },
  qwq: { temperature: 0.6, topK: 40, topP: 0.95 },
  greedy: { temperature: 0 },
} as const satisfies Record<string, Pick<Drawing, "temperature" | "topK" | "topP">>;

export type Way = keyof typeof WAYS;

/** What came of it. */
export interface Evaluation {
  /** Of all problems, and of each kind. */
  readonly all: Share;
  readonly kinds: Readonly<Record<string, Share>>;
  /** Mean length of a reply, and the share that ended by itself. */
  readonly length: number;
  readonly ended: number;
  readonly samples: readonly Sample[];
}

/** Asked at once: enough to fill every core, and little memory. */
const AT_ONCE = 256;

/** One reply to each problem, judged. A reply is right where it earns everything. */
export async function evaluate(
  room: Classroom,
  problems: readonly Problem[],
  way: Way,
  { limit, seed }: { readonly limit: number; readonly seed: number },
): Promise<Evaluation> {
  const samples: Sample[] = [];
  for (let first = 0; first < problems.length; first += AT_ONCE) {
    const some = problems.slice(first, first + AT_ONCE);
    const prompts = some.map((problem) => room.chat.prompt(problem));
    const drawn = await room.learner.draw(prompts, { ...WAYS[way], limit, stop: room.stop, seed: seed + first });
    samples.push(...(await judged(room, some, drawn)));
  }
  const kinds = [...new Set(problems.map(({ kind }) => kind))];
  return {
    all: right(samples),
    kinds: Object.fromEntries(kinds.map((kind) => [kind, right(samples.filter((s) => s.problem.kind === kind))])),
    length: samples.reduce((sum, { ids }) => sum + ids.length, 0) / samples.length,
    ended: samples.filter(({ ended }) => ended).length / samples.length,
    samples,
  };
}

function right(samples: readonly Sample[]): Share {
  return wilson(samples.filter(({ reward }) => reward === 1).length, samples.length);
}
