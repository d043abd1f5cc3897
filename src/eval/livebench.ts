/**
 * LiveBench's questions, as its own download_questions.py writes them: a folder of question.jsonl files, or one of them.
 * Questions that nothing here grades are left out, and counted.
 */
import { join } from "node:path";
import { FormatError } from "../errors.ts";
import { io } from "../files/io.ts";
import { type LiveBenchTask, scorerOf } from "../verify/livebench/grader.ts";
import { type Problem, type Row, textIn } from "./problem.ts";

/** Since then its instructions are IFBench's; before, IFEval's. */
const IFBENCH = "2025-11-25";

/** The paths of all question.jsonl within a folder, sorted; folders within others as deep as LiveBench's. */
export function questionFiles(folder: string, depth = 6): string[] {
  const names = [...io().readdirSync(folder)].sort();
  return names.flatMap((name) => {
    const path = join(folder, name);
    if (name === "question.jsonl") return [path];
    return depth > 0 && io().statSync(path, { throwIfNoEntry: false })?.isDirectory()
      ? questionFiles(path, depth - 1)
      : [];
  });
}

/** The lines that can be graded, and how many of each other task there are. */
export function gradable(lines: readonly string[]): { lines: string[]; leftOut: Record<string, number> } {
  const leftOut: Record<string, number> = {};
  const left = lines.filter((line) => {
    const row = rowOf(line);
    if (row === undefined || isGraded(row)) return true; // what is no row is said where the problems are read
    const name = nameOf(row);
    leftOut[name] = (leftOut[name] ?? 0) + 1;
    return false;
  });
  return { lines: left, leftOut };
}

function rowOf(line: string): Row | undefined {
  try {
    const row: unknown = JSON.parse(line);
    return typeof row === "object" && row !== null ? (row as Row) : undefined;
  } catch {
    return undefined;
  }
}

function isGraded(row: Row): boolean {
  if (row["category"] !== "instruction_following") return scorerOf(taskOf(row)) !== undefined;
  return String(row["livebench_release_date"] ?? "") < IFBENCH;
}

/** How a question is called where its task is left out. */
function nameOf(row: Row): string {
  if (row["category"] === "instruction_following") return "instruction following by IFBench";
  return String(row["subtask"] ?? row["task"]);
}

/** The question that a row is. */
export function taskOf(row: Row): LiveBenchTask {
  return { ...row, task: String(row["task"]) } as unknown as LiveBenchTask;
}

/** The problem of a line. Throws FormatError E_EVAL_DATA. */
export function liveBenchProblem(row: Row, _number: number, where: string): Problem {
  const turns = row["turns"];
  if (!Array.isArray(turns) || typeof turns[0] !== "string") {
    throw new FormatError("E_EVAL_DATA", where, { expected: '"turns" to be a list of texts', actual: "another" });
  }
  const [id, task] = [textIn(row, "question_id", where), textIn(row, "task", where)];
  return { id, grader: "livebench", row, part: task, messages: [{ role: "user", content: turns[0] }] };
}
