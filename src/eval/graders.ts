/** The grader of each kind of problem, read when it is needed. */
import { UsageError } from "../errors.ts";
import { boxed } from "../verify/answer.ts";
import { type Grade, type Grader, noAnswer } from "../verify/grader.ts";
import { plain, readNumber, runs, same } from "../verify/number.ts";
import type { IfevalGrade } from "../verify/ifeval/grader.ts";
import type { Row } from "./problem.ts";

/** A grade with what a benchmark counts besides: each name a figure, the share of what is true. */
export interface CountedGrade extends Grade {
  readonly counts?: Readonly<Record<string, readonly boolean[]>> | undefined;
}

/** A grader of lines as they stand in the data. */
export interface RowGrader extends Grader<Row> {
  grade(row: Row, reply: string): Promise<CountedGrade>;
}

type Make = () => Promise<RowGrader>;

const GRADERS: Readonly<Record<string, Make>> = {
  bfcl: async () => ({ name: "bfcl", grade: (await import("./bfcl.ts")).bfclGrade, close: async () => undefined }),
  math: async () => grader("math", number),
  choice: async () => grader("choice", choice),
  text: async () => grader("text", text),
  ifeval,
};

/** Throws UsageError E_EVAL_GRADER where there is no grader of that name: before anything is asked that nobody could grade. */
export function checkGrader(name: string): void {
  if (Object.hasOwn(GRADERS, name)) return;
  throw new UsageError("E_EVAL_GRADER", "grader", { expected: Object.keys(GRADERS).join(", "), actual: name });
}

/** The grader of that name. Throws as `checkGrader`. */
export async function graderOf(name: string): Promise<RowGrader> {
  checkGrader(name);
  return GRADERS[name]!();
}

/** IFEval: right where every instruction is followed strictly; the looser figures beside it. */
async function ifeval(): Promise<RowGrader> {
  const [{ IFEVAL }, { readIfevalTask }] = await Promise.all([
    import("../verify/ifeval/grader.ts"),
    import("../verify/ifeval/task.ts"),
  ]);
  return {
    ...IFEVAL,
    async grade(row, reply) {
      const graded = (await IFEVAL.grade(readIfevalTask(row), reply)) as IfevalGrade;
      const { strict, loose, ...grade } = graded;
      const counts = {
        "prompt, loose": [loose.every(Boolean)],
        "instruction, strict": strict,
        "instruction, loose": loose,
      };
      return { ...grade, counts };
    },
  };
}

/** One that needs nothing but the reply. */
function grader(name: string, grade: (row: Row, reply: string) => Grade): Grader<Row> {
  return { name, grade: async (row, reply) => grade(row, reply), close: async () => undefined };
}

/** The last box, else the last number, as a number. */
function number(row: Row, reply: string): Grade {
  const extracted = boxed(reply).at(-1) ?? runs(plain(reply)).at(-1);
  if (extracted === undefined) return noAnswer("There is no number.");
  const [got, due] = [readNumber(plain(extracted)), readNumber(String(row["answer"]))];
  const right = got !== undefined && due !== undefined && same(got, due);
  return { right, extracted, reason: right ? "The answer is right." : `The answer is not ${String(row["answer"])}.` };
}

/** Where a letter is said to be the choice, the likeliest to be meant first; the last of each kind counts. */
const CHOSEN = [
  /"?answer"?\s*:\s*"?\**\(?([A-J])\b/gi,
  /\\boxed\{\s*(?:\\text\{)?\s*\(?([A-J])\b/g,
  /answer\s+is:?\s*\**\(?([A-J])\b/gi,
  /^\W*([A-J])\W*$/gm,
];

function choice(row: Row, reply: string): Grade {
  const extracted = CHOSEN.map((said) => [...reply.matchAll(said)].at(-1)?.[1]?.toUpperCase()).find(Boolean);
  if (extracted === undefined) return noAnswer("No choice is named.");
  const right = extracted === row["answer"];
  return { right, extracted, reason: right ? "The choice is right." : `The choice is ${extracted}.` };
}

/** The whole answer, without case and white space at its ends, is one of those that are right. */
function text(row: Row, reply: string): Grade {
  const due = (Array.isArray(row["answer"]) ? row["answer"] : [row["answer"]]).map((one) => bare(String(one)));
  const extracted = (boxed(reply).at(-1) ?? reply).trim();
  const right = due.includes(bare(extracted));
  return { right, extracted, reason: right ? "The answer is right." : "The answer is another." };
}

const bare = (said: string) => said.trim().toLowerCase().replace(/\s+/g, " ").replace(/[.!]$/, "");
