/** Grades replies, each by the grader of its problem. */
import { score } from "../verify/grader.ts";
import type { CountedGrade, RowGrader } from "./grader.ts";
import { graderOf } from "./graders.ts";
import type { Problem, Sample } from "./problem.ts";

/** A sample with what it is worth. */
export interface Graded {
  readonly sample: Sample;
  /** From 0 to 1. */
  readonly score: number;
  readonly extracted: string;
  readonly why: string;
  /** Figures of its benchmark, besides. */
  readonly counts?: CountedGrade["counts"];
}

/** Graded together: enough to keep a code server busy. */
const AT_ONCE = 8;

/**
 * The grades of all samples, in the order of the problems and of their samples, whatever order they came in. A reply that
 * was cut in its thoughts holds no answer.
 *
 * throws   as `graderOf`; as graders do for a problem that is none of theirs
 */
export async function gradeAll(
  problems: readonly Problem[],
  samples: readonly Sample[],
  onGrade?: (done: number, of: number) => void,
): Promise<Graded[]> {
  const place = new Map(problems.map((problem, i) => [problem.id, i]));
  const known = samples.filter(({ problem }) => place.has(problem));
  const order = (one: Sample) => place.get(one.problem)!;
  const sorted = [...known].sort((a, b) => order(a) - order(b) || a.sample - b.sample);
  const graders = new Map<string, RowGrader>();
  for (const { grader } of problems) if (!graders.has(grader)) graders.set(grader, await graderOf(grader));
  const graded: Graded[] = [];
  let [next, done] = [0, 0];
  const lane = async () => {
    while (next < sorted.length) {
      const i = next++;
      const problem = problems[order(sorted[i]!)]!;
      graded[i] = await gradeOne(graders.get(problem.grader)!, problem, sorted[i]!);
      onGrade?.(++done, sorted.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  } finally {
    for (const grader of graders.values()) await grader.close();
  }
  return graded;
}

async function gradeOne(grader: RowGrader, { row }: Problem, sample: Sample): Promise<Graded> {
  const calls = (sample.calls ?? []).map((raw) => `<tool_call>${raw}</tool_call>`);
  const grade = await grader.grade(row, [sample.answer, ...calls].join("\n").trim());
  return { sample, score: score(grade), extracted: grade.extracted, why: grade.reason, counts: grade.counts };
}
