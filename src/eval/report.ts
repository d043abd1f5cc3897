/** What a run comes to. It depends on the replies alone: not on when they came, in what order, or how often it was cut. */
import type { Bench } from "./benches.ts";
import { countFlaws } from "./flaws.ts";
import type { Graded } from "./grade.ts";
import type { Problem } from "./problem.ts";
import type { Settings } from "./settings.ts";
import { type Estimate, majority, mean, meanOf, type Spread, spread } from "./statistics.ts";
import { passAtK } from "../verify/pass-at-k.ts";

/** A number with a name; its interval where it has one. */
export interface Metric {
  readonly name: string;
  readonly estimate: Estimate;
}

/** What came of one problem. */
export interface ProblemResult {
  readonly id: string;
  readonly part?: string | undefined;
  /** Mean score of its replies; absent where there are none. */
  readonly score?: number | undefined;
  readonly replies: number;
  /** The answer that most replies gave, and whether it is right. */
  readonly majority?: string | undefined;
  readonly majorityRight?: boolean | undefined;
  /** Mean tokens of its replies' thoughts. */
  readonly thinking?: number | undefined;
}

/** Everything that a run comes to, as report.json has it. */
export interface Report {
  readonly format: "qwq-eval-report/1";
  readonly title: string;
  readonly settings: Settings;
  /** Replies that are there, of those that are wanted. */
  readonly replies: number;
  readonly wanted: number;
  /** The number that is compared. */
  readonly headline: Metric;
  /** Further ones: maj@n, pass@k, those of parts. */
  readonly metrics: readonly Metric[];
  readonly parts: readonly Metric[];
  /** Tokens of replies, and of their thoughts. */
  readonly tokens?: Spread | undefined;
  readonly thinking?: Spread | undefined;
  /** Thoughts of right replies and of wrong ones, in tokens. */
  readonly lengths: { readonly right: readonly number[]; readonly wrong: readonly number[] };
  /** How replies ended, by how many. */
  readonly ends: Readonly<Record<string, number>>;
  /** Replies in which no answer was found. */
  readonly unanswered: number;
  /** Replies with a known flaw, by its kind: endless repetition, languages mixed in the thoughts. */
  readonly flaws: Readonly<Record<string, number>>;
  readonly problems: readonly ProblemResult[];
}

export function reportOf(
  bench: Bench,
  settings: Settings,
  problems: readonly Problem[],
  graded: readonly Graded[],
): Report {
  const of = new Map<string, Graded[]>(problems.map(({ id }) => [id, []]));
  for (const one of graded) of.get(one.sample.problem)!.push(one);
  const results = problems.map((problem) => resultOf(problem, of.get(problem.id)!));
  const scores = problems.map(({ id }) => of.get(id)!.map(({ score }) => score));
  const lengthsOf = (right: boolean) =>
    defined(graded.filter(({ score }) => (score === 1) === right).map(({ sample }) => sample.thinkingTokens));
  const ends = [...new Set(graded.map(({ sample }) => sample.reason))].sort();
  return {
    format: "qwq-eval-report/1",
    title: bench.title,
    settings,
    replies: graded.length,
    wanted: problems.length * settings.samples,
    headline: { name: bench.metric, estimate: meanOf(scores) },
    metrics: [...countsOf(graded), ...majorities(results, settings), ...passes(scores)],
    parts: partsOf(problems, scores),
    tokens: spread(defined(graded.map(({ sample }) => sample.tokens))),
    thinking: spread(defined(graded.map(({ sample }) => sample.thinkingTokens))),
    lengths: { right: lengthsOf(true), wrong: lengthsOf(false) },
    ends: Object.fromEntries(ends.map((end) => [end, graded.filter(({ sample }) => sample.reason === end).length])),
    unanswered: graded.filter(({ extracted }) => extracted === "").length,
    flaws: countFlaws(
      problems,
      graded.map(({ sample }) => sample),
    ),
    problems: results,
  };
}

function resultOf({ id, part }: Problem, graded: readonly Graded[]): ProblemResult {
  const most = majority(graded.map(({ extracted }) => extracted));
  const right = graded.find(({ extracted }) => extracted === most && most !== undefined);
  const thoughts = defined(graded.map(({ sample }) => sample.thinkingTokens));
  return {
    id,
    part,
    score: graded.length === 0 ? undefined : mean(graded.map(({ score }) => score)),
    replies: graded.length,
    majority: most,
    majorityRight: graded.length === 0 ? undefined : right?.score === 1,
    thinking: thoughts.length === 0 ? undefined : mean(thoughts),
  };
}

/** The figures that a benchmark has besides its score, each the share of all that was counted. */
function countsOf(graded: readonly Graded[]): Metric[] {
  const names = [...new Set(graded.flatMap(({ counts }) => Object.keys(counts ?? {})))];
  return names.map((name) => {
    const all = graded.flatMap(({ counts }) => counts?.[name] ?? []);
    return { name, estimate: meanOf(all.map((one) => [Number(one)])) };
  });
}

/** maj@n: the share of problems whose most frequent answer is right; where more than one reply was drawn. */
function majorities(results: readonly ProblemResult[], { samples }: Settings): Metric[] {
  const asked = results.filter(({ majorityRight }) => majorityRight !== undefined);
  if (samples < 2 || asked.length === 0) return [];
  return [{ name: `maj@${samples}`, estimate: meanOf(asked.map(({ majorityRight }) => [Number(majorityRight)])) }];
}

/** pass@k for k = 2, 4, 8, ... up to the replies that every problem has. */
function passes(scores: readonly (readonly number[])[]): Metric[] {
  const asked = scores.filter((some) => some.length > 0);
  const most = asked.length === 0 ? 0 : Math.min(...asked.map((some) => some.length));
  const ks = [2, 4, 8, 16, 32, 64, 128].filter((k) => k <= most);
  return ks.map((k) => {
    const each = asked.map((some) => [passAtK(some.length, some.filter((score) => score === 1).length, k)]);
    return { name: `pass@${k}`, estimate: meanOf(each) };
  });
}

function partsOf(problems: readonly Problem[], scores: readonly (readonly number[])[]): Metric[] {
  const parts = [...new Set(problems.flatMap(({ part }) => (part === undefined ? [] : [part])))];
  return parts.map((name) => ({ name, estimate: meanOf(scores.filter((_, i) => problems[i]!.part === name)) }));
}

function defined(values: readonly (number | undefined)[]): number[] {
  return values.filter((value) => value !== undefined);
}
