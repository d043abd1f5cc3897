/** The grader of each kind of problem, read when it is needed. */
import { basename, join } from "node:path";
import { UsageError } from "../errors.ts";
import { readWhole } from "../files/input.ts";
import { io } from "../files/io.ts";
import { boxed } from "../verify/answer.ts";
import type { Grade, Grader } from "../verify/grader.ts";
import type { IfevalGrade } from "../verify/ifeval/grader.ts";
import type { RowGrader } from "./grader.ts";
import type { Row } from "./problem.ts";

/** Of one problem's tests: some of LiveCodeBench's have tens of megabytes. */
const MOST_BYTES = 2 ** 28;

type Make = () => Promise<RowGrader>;

const GRADERS: Readonly<Record<string, Make>> = {
  livebench: async () => ({
    name: "livebench",
    grade: (await import("./livebench-grade.ts")).liveBenchGrade,
    close: async () => undefined,
  }),
  bfcl: async () => ({ name: "bfcl", grade: (await import("./bfcl.ts")).bfclGrade, close: async () => undefined }),
  math,
  choice,
  text: async () => grader("text", text),
  ifeval,
  livecodebench,
};

/** Throws UsageError E_EVAL_GRADER where there is no grader of that name: before anything is asked that nobody could grade. */
export function checkGrader(name: string): void {
  if (Object.hasOwn(GRADERS, name)) return;
  throw new UsageError("E_EVAL_GRADER", "grader", {
    expected: Object.keys(GRADERS).join(", "),
    actual: name,
    hint: "qwq eval --help describes the file.",
  });
}

/** The grader of that name. Throws as `checkGrader`. */
export async function graderOf(name: string): Promise<RowGrader> {
  checkGrader(name);
  return GRADERS[name]!();
}

/** Mathematics: answers compared as numbers, else as LaTeX, in a thread with a limit of time. */
async function math(): Promise<RowGrader> {
  const { MathGrader } = await import("../verify/math/grader.ts");
  const own = new MathGrader();
  return { name: own.name, grade: (row, reply) => own.grade(taskOf(row), reply), close: () => own.close() };
}

/** Multiple choice; beside it what lm-eval's two filters would find. */
async function choice(): Promise<RowGrader> {
  const [{ ChoiceGrader }, { flexibleMatch, strictMatch }] = await Promise.all([
    import("../verify/multiple-choice.ts"),
    import("../verify/lm-eval-choice.ts"),
  ]);
  const own = new ChoiceGrader();
  const grade = async (row: Row, reply: string) => {
    const [answer, choices] = [String(row["answer"]), row["choices"] as string[]];
    const counts = {
      "lm-eval's strict-match": [strictMatch(reply, answer)],
      "lm-eval's flexible-extract": [flexibleMatch(reply, answer, choices)],
    };
    return { ...(await own.grade(taskOf(row), reply)), counts };
  };
  return { name: own.name, grade, close: () => own.close() };
}

/** Each grader checks itself what it needs of a line. */
function taskOf<Task>(row: Row): Task {
  return row as unknown as Task;
}

/** LiveCodeBench: the program of a reply, run against the problem's tests by a code execution server of its own. */
async function livecodebench(): Promise<RowGrader> {
  const [{ CodeGrader }, { readTests }, { CodeClient }] = await Promise.all([
    import("../verify/livecodebench/grader.ts"),
    import("../verify/livecodebench/tests.ts"),
    import("../verify/client.ts"),
  ]);
  const client = await CodeClient.start({ required: ["files", "network", "processes"] });
  const own = new CodeGrader(client);
  return {
    name: own.name,
    grade: async (row, reply) => own.grade({ tests: readTests(testsIn(row)) }, reply),
    close: () => client.close(),
  };
}

/** A problem's tests: in its line, or in a file beside the data, which the line names. Throws IoError; UsageError E_EVAL_TESTS. */
export function testsIn({ tests, folder }: Row): unknown {
  const name = (tests as { fname?: unknown } | undefined)?.fname;
  if (typeof name !== "string") return tests;
  const places = ["livecodebench_v5_tests", "tests", "."].map((place) => join(String(folder), place, basename(name)));
  const path = places.find((one) => io().statSync(one, { throwIfNoEntry: false }) !== undefined);
  if (path !== undefined) return new TextDecoder().decode(readWhole(path, MOST_BYTES, "E_LIMIT_INPUT"));
  throw new UsageError("E_EVAL_TESTS", name, {
    expected: `the problem's tests at ${places[0]!}`,
    actual: "none",
    hint: "Unpack livecodebench_v5_tests.zip of QwQ's repository beside the data.",
  });
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

/** The whole answer, without case and white space at its ends, is one of those that are right. */
function text(row: Row, reply: string): Grade {
  const due = (Array.isArray(row["answer"]) ? row["answer"] : [row["answer"]]).map((one) => bare(String(one)));
  const extracted = (boxed(reply).at(-1) ?? reply).trim();
  const right = due.includes(bare(extracted));
  return { right, extracted, reason: right ? "The answer is right." : "The answer is another." };
}

const bare = (said: string) => said.trim().toLowerCase().replace(/\s+/g, " ").replace(/[.!]$/, "");
