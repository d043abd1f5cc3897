/**
 * The grader of mathematics: AIME, MATH-500, GSM8K and their like. The answer is found in the reply (extract.ts) and
 * compared with the one expected: numbers exactly and at once, everything else as LaTeX in a thread with a limit of time.
 */
import { UsageError } from "../../errors.ts";
import type { Grade, Grader } from "../grader.ts";
import { noAnswer } from "../grader.ts";
import { readNumber, same } from "../number.ts";
import { extractAnswer } from "./extract.ts";
import { type JudgeOptions, MathJudge } from "./judge.ts";
import { LONGEST_ANSWER } from "./latex.ts";

export interface MathTask {
  /** LaTeX, or a number; a solution of GSM8K, which ends in "#### 42", is read as its end. */
  readonly answer: string | number;
}

export interface MathOptions extends JudgeOptions {
  /** The benchmark: "math" unless told. */
  readonly name?: string | undefined;
}

export class MathGrader implements Grader<MathTask> {
  readonly name: string;
  private readonly judge: MathJudge;

  constructor({ name = "math", ...options }: MathOptions = {}) {
    this.name = name;
    this.judge = new MathJudge(options);
  }

  async grade(task: MathTask, reply: string): Promise<Grade> {
    const expected = expectedOf(task);
    const extracted = extractAnswer(reply);
    if (extracted === "") return noAnswer("There is no answer in the reply.");
    if (extracted.length > LONGEST_ANSWER) {
      const shown = extracted.slice(0, LONGEST_ANSWER);
      return { right: false, extracted: shown, reason: `The answer has more than ${LONGEST_ANSWER} characters.` };
    }
    const [a, b] = [readNumber(expected), readNumber(extracted)];
    const numbers = a !== undefined && b !== undefined && !`${expected}${extracted}`.match(/[.%]/);
    const outcome = numbers ? (same(a, b) ? "same" : "different") : await this.judge.compare(expected, extracted);
    return { right: outcome === "same", extracted, reason: REASONS[outcome](extracted, expected) };
  }

  close(): Promise<void> {
    return this.judge.close();
  }
}

const short = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}...` : text);

const REASONS = {
  same: (extracted: string) => `The answer is ${short(extracted)}, as expected.`,
  different: (extracted: string, expected: string) => `The answer is ${short(extracted)}, not ${short(expected)}.`,
  timeout: (extracted: string) => `Whether ${short(extracted)} is right could not be found out in time.`,
};

function expectedOf({ answer }: MathTask): string {
  if (typeof answer === "number" && Number.isFinite(answer)) return String(answer);
  const text =
    typeof answer === "string"
      ? answer
          .slice(answer.lastIndexOf("####") + 1)
          .replace(/^###/, "")
          .trim()
      : "";
  if (text !== "") return text;
  throw new UsageError("E_VERIFY_TASK", "math", {
    expected: "a task with an answer, LaTeX or a number",
    actual: JSON.stringify(answer) ?? "nothing",
  });
}
