/**
 * Preferences to teach a reward model: two replies to one problem, of which one is liked better. Who likes it is this table,
 * in place of people; what a reward model learns from it is the table and no more.
 *
 * A reply has at most one flaw. The earlier flaw in the list is the lesser: a right answer without a sentence is better than
 * a wrong one, and a wrong one that ends is better than a reply that never comes to its answer.
 */
import { ANSWERS } from "./arithmetic.ts";
import type { Dice } from "./dice.ts";
import type { Problem } from "./problem.ts";

/** Flaws, the least first. */
export const FLAWS = [
  /** None: the worked solution. */
  "none",
  /** The answer as a bare number, without its sentence. */
  "bare",
  /** The answer in another language than the question's. */
  "foreign",
  /** A step goes wrong, and so does the answer. */
  "wrong",
  /** A line of the thoughts is said again and again. */
  "repeated",
  /** The answer is cut off. */
  "cut",
  /** Nothing follows the thoughts. */
  "silent",
  /** The thoughts never end. */
  "open",
] as const;
export type Flaw = (typeof FLAWS)[number];

/** Two replies to a problem. */
export interface Preference {
  readonly chosen: string;
  readonly rejected: string;
  /** What is wrong with each. */
  readonly flaws: { readonly chosen: Flaw; readonly rejected: Flaw };
}

const END = "\n</think>\n\n";
const TIMES = [3, 6] as const;

/** Two replies to this problem, their flaws drawn; the better one has none in half of the pairs. */
export function preference(problem: Problem, dice: Dice): Preference {
  const flaws = FLAWS.filter((flaw) => flaw !== "none" && flawed(problem, flaw, dice) !== undefined);
  const [first, second] = dice.chance(0.5)
    ? (["none", dice.pick(flaws)] as const)
    : (dice.some(flaws, 2) as [Flaw, Flaw]);
  const [better, worse] = FLAWS.indexOf(first) < FLAWS.indexOf(second) ? [first, second] : [second, first];
  return {
    chosen: flawed(problem, better, dice)!,
    rejected: flawed(problem, worse, dice)!,
    flaws: { chosen: better, rejected: worse },
  };
}

/** A reply with this flaw; `undefined` where the problem's replies cannot have it. */
export function flawed(problem: Problem, flaw: Flaw, dice: Dice): string | undefined {
  const solution = problem.solution();
  const at = solution.indexOf(END);
  const [thoughts, answer] = [solution.slice(0, at), solution.slice(at + END.length)];
  switch (flaw) {
    case "none":
      return solution;
    case "bare":
      return said(problem, answer) ? thoughts + END + problem.answer : undefined;
    case "foreign": {
      const other = problem.language === "en" ? "zh" : "en";
      return said(problem, answer) ? thoughts + END + ANSWERS[other](problem.answer) : undefined;
    }
    case "wrong":
      return problem.solution(dice);
    case "repeated":
      return repeated(thoughts, dice) + END + answer;
    case "cut":
      return thoughts + END + [...answer].slice(0, dice.between(1, [...answer].length - 2)).join("");
    case "silent":
      return thoughts + END.trimEnd();
    case "open":
      return thoughts;
  }
}

/** Whether the answer is said in the sentence that sums have. */
function said({ language, answer }: Problem, text: string): boolean {
  return text === ANSWERS[language](answer);
}

function repeated(thoughts: string, dice: Dice): string {
  const lines = thoughts.split("\n");
  const line = dice.below(lines.length);
  return lines.toSpliced(line, 0, ...Array<string>(dice.between(...TIMES)).fill(lines[line]!)).join("\n");
}
