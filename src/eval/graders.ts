/** The grader of each kind of problem, read when it is needed. */
import { UsageError } from "../errors.ts";
import { boxed } from "../verify/answer.ts";
import { CodeClient } from "../verify/client.ts";
import { type Grade, type Grader, noAnswer } from "../verify/grader.ts";
import { CodeGrader } from "../verify/livecodebench/grader.ts";
import { readTests } from "../verify/livecodebench/tests.ts";
import { MathGrader } from "../verify/math/grader.ts";
import type { Row } from "./problem.ts";

type Make = () => Promise<Grader<Row>>;

const GRADERS: Readonly<Record<string, Make>> = {
  bfcl: async () => ({ name: "bfcl", grade: (await import("./bfcl.ts")).bfclGrade, close: async () => undefined }),
  math: async () => mathematics(),
  livecodebench: async () => programs(),
  choice: async () => grader("choice", choice),
  text: async () => grader("text", text),
};

/** The grader of that name. Throws UsageError E_EVAL_GRADER. */
export async function graderOf(name: string): Promise<Grader<Row>> {
  const make = Object.hasOwn(GRADERS, name) ? GRADERS[name] : undefined;
  if (make !== undefined) return make();
  throw new UsageError("E_EVAL_GRADER", "grader", { expected: Object.keys(GRADERS).join(", "), actual: name });
}

/** One that needs nothing but the reply. */
function grader(name: string, grade: (row: Row, reply: string) => Grade): Grader<Row> {
  return { name, grade: async (row, reply) => grade(row, reply), close: async () => undefined };
}

/** Answers in LaTeX; a thread compares what is no plain number. */
function mathematics(): Grader<Row> {
  const inner = new MathGrader();
  const grade = (row: Row, reply: string) => inner.grade({ answer: row["answer"] as string | number }, reply);
  return { name: inner.name, grade, close: () => inner.close() };
}

/** Programs, on a code execution server of its own; a row's tests are the benchmark's, as its authors publish them. */
async function programs(): Promise<Grader<Row>> {
  const client = await CodeClient.start();
  const inner = new CodeGrader(client);
  const grade = (row: Row, reply: string) => inner.grade({ tests: readTests(row["tests"], "tests") }, reply);
  return { name: inner.name, grade, close: () => client.close() };
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
