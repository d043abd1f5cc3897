/** Grades replies to LiveBench's questions. */
import { score } from "../verify/grader.ts";
import { IFEVAL, type IfevalGrade } from "../verify/ifeval/grader.ts";
import { readIfevalTask } from "../verify/ifeval/task.ts";
import { LIVEBENCH } from "../verify/livebench/grader.ts";
import type { CountedGrade } from "./grader.ts";
import { taskOf } from "./livebench.ts";
import type { Row } from "./problem.ts";

/** The grade of a reply to a row: by the task's scorer, or by IFEval's instructions, half for all and half for their share. */
export async function liveBenchGrade(row: Row, reply: string): Promise<CountedGrade> {
  if (row["category"] !== "instruction_following") return LIVEBENCH.grade(taskOf(row), reply);
  const prompt = (row["turns"] as readonly string[])[0];
  const grade = (await IFEVAL.grade(readIfevalTask({ ...row, prompt }), reply)) as IfevalGrade;
  const { strict, extracted, reason } = grade;
  const share = strict.filter(Boolean).length / strict.length;
  return { right: (score(grade) + share) / 2, extracted, reason };
}
