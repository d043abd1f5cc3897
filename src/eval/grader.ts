/** What grades a reply to a row of a benchmark. */
import type { Grade, Grader } from "../verify/grader.ts";
import type { Row } from "./problem.ts";

/** A grade with what a benchmark counts besides: each name a figure, the share of what is true. */
export interface CountedGrade extends Grade {
  readonly counts?: Readonly<Record<string, readonly boolean[]>> | undefined;
}

/** A grader of lines as they stand in the data. */
export interface RowGrader extends Grader<Row> {
  grade(row: Row, reply: string): Promise<CountedGrade>;
}
