/**
 * The grader of multiple choice, as GPQA has it: which letter a reply names. In this order:
 *
 *   1  the letter in the last \boxed{...}: "B", "\text{(B)}", "B. 42", or the whole text of a choice
 *   2  what follows the last "answer is", "answer:" or "option" with a letter; or the field that QwQ's card asks for,
 *      "answer": "C"
 *   3  a letter that is all of the last line
 *   4  the last letter between parentheses
 *
 * source   lm-evaluation-harness, tasks/gpqa/cot_zeroshot: its two filters, of which this is the wider one
 */
import { UsageError } from "../errors.ts";
import { boxed } from "./answer.ts";
import { type Grade, type Grader, noAnswer } from "./grader.ts";

export interface ChoiceTask {
  /** The letter of the right choice, or its place from 0. */
  readonly answer: string | number;
  /** The texts of the choices, from A on; four without texts unless told. */
  readonly choices?: readonly string[] | undefined;
}

/** Characters at the end of a reply that are read. */
const READ = 100_000;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const FIELD = /"answer"\s*:\s*"\(?([A-J])\)?"/gi;

export class ChoiceGrader implements Grader<ChoiceTask> {
  readonly name: string;

  constructor(name = "gpqa") {
    this.name = name;
  }

  grade(task: ChoiceTask, reply: string): Promise<Grade> {
    const letters = LETTERS.slice(0, task.choices?.length ?? 4);
    const expected = letterOf(task.answer, letters);
    const said = choiceIn(reply, letters, task.choices);
    if (said === undefined) return Promise.resolve(noAnswer("No choice is named in the reply."));
    const right = said === expected;
    const reason = right ? `The choice is ${said}, as expected.` : `The choice is ${said}, not ${expected}.`;
    return Promise.resolve({ right, extracted: said, reason });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The letter that a reply names; `undefined` where it names none. */
export function choiceIn(reply: string, letters: string, choices: readonly string[] = []): string | undefined {
  const text = reply
    .slice(-READ)
    .replace(/\*\*|__/g, "")
    .replace(FIELD, "answer: $1");
  const box = boxed(text).at(-1);
  if (box !== undefined) {
    const letter = boxedLetter(box, letters) ?? letters[choices.findIndex((choice) => bare(choice) === bare(box))];
    if (letter !== undefined) return letter;
  }
  const one = `[${letters}]`;
  const said = new RegExp(
    String.raw`\b(?:answer|option|choice)\b(?:\s+is)?\s*:?\s*\$?\(?(?:\\text\{\(?)?(${one})\b`,
    "gi",
  );
  const named = [...text.matchAll(said)].map((match) => match[1]!).filter((letter) => letters.includes(letter));
  if (named.length > 0) return named.at(-1);
  const bracketed = [...text.matchAll(new RegExp(String.raw`\((${one})\)`, "g"))].at(-1)?.[1];
  const line = new RegExp(String.raw`^(${one})[.)]?$`).exec(text.trimEnd().split("\n").at(-1)!.trimStart())?.[1];
  return line ?? bracketed;
}

function boxedLetter(box: string, letters: string): string | undefined {
  const text = box.replace(/\\(?:text|mathrm|mathbf|textbf)\s*\{([^{}]*)\}/g, "$1").trim();
  return new RegExp(String.raw`^\(?([${letters}])\)?(?:$|[.:)\s])`).exec(text)?.[1];
}

function letterOf(answer: string | number, letters: string): string {
  const letter =
    typeof answer === "number"
      ? letters[answer]
      : answer
          .trim()
          .replace(/^\(([A-Z])\)$/i, "$1")
          .toUpperCase();
  if (letter !== undefined && letter.length === 1 && letters.includes(letter)) return letter;
  throw new UsageError("E_VERIFY_TASK", "multiple choice", {
    expected: `a task whose answer is one of ${[...letters].join(", ")}`,
    actual: JSON.stringify(answer),
  });
}

function bare(text: string): string {
  return text
    .replace(/\\text\s*\{([^{}]*)\}/g, "$1")
    .replace(/[\s$.]+/g, "")
    .toLowerCase();
}
