/** Questions of multiple choice. The choices stand as they are; gpqa.ts puts GPQA's in order. */
import { FormatError } from "../errors.ts";
import type { Problem, Row } from "./problem.ts";

const LETTERS = "ABCDEFGHIJ";
/** As QwQ's model card asks for it. */
const ASKED = 'Please show your choice in the `answer` field with only the choice letter, e.g., `"answer": "C"`.';

/**
 * The problem of a line, which is {"question", "Question" or "prompt", "choices", "answer": letter or index}.
 *
 * throws   FormatError E_EVAL_DATA
 */
export function choiceProblem(prefix: string, row: Row, number: number, where: string): Problem {
  const { question, choices, right } = questionOf(row, where);
  const own = row["id"] ?? row["Record ID"];
  const id = own === undefined ? `${prefix}-${number}` : String(own);
  const listed = choices.map((choice, i) => `${LETTERS[i]!}) ${choice}`).join("\n");
  const content = `${question}\n\n${listed}\n\n${ASKED}`;
  const part = row["part"] ?? row["High-level domain"];
  return {
    id,
    grader: "choice",
    row: { ...row, choices, answer: LETTERS[right]! },
    part: typeof part === "string" ? part : undefined,
    messages: [{ role: "user", content }],
  };
}

interface Question {
  readonly question: string;
  readonly choices: readonly string[];
  /** The place of the right one. */
  readonly right: number;
}

function questionOf(row: Row, where: string): Question {
  const question = text(row["question"] ?? row["Question"] ?? row["prompt"], "question", where);
  const { choices, answer } = row;
  if (!Array.isArray(choices) || choices.length < 2 || choices.length > LETTERS.length) {
    throw wrong(where, `"choices" to be 2 to ${LETTERS.length} texts`, choices);
  }
  const right = typeof answer === "number" ? answer : LETTERS.indexOf(String(answer).trim());
  if (String(answer).trim() === "" || !(right >= 0 && right < choices.length)) {
    throw wrong(where, '"answer" to be the letter or the index of a choice', answer);
  }
  return { question, choices: choices.map(String), right };
}

function text(value: unknown, name: string, where: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw wrong(where, `"${name}" to be a text`, value);
}

function wrong(where: string, expected: string, actual: unknown): FormatError {
  const got = actual === undefined ? "nothing" : JSON.stringify(actual).slice(0, 60);
  return new FormatError("E_EVAL_DATA", where, { expected, actual: got });
}
