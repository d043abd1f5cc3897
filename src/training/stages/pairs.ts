/** Pairs of replies of which one is liked better: a worked solution, and one in which a step goes wrong. */
import { Dice } from "../tasks/dice.ts";
import type { Problem } from "../tasks/problem.ts";
import { type Choice, lots } from "./lots.ts";

/** Two replies to one problem, as text. */
export interface Pair {
  readonly problem: Problem;
  readonly chosen: string;
  readonly rejected: string;
}

/** Pairs from the problems of training; they follow from the name alone. */
export function pairs(name: string, choice: Choice, count: number): Pair[] {
  const dice = new Dice(name, "pairs");
  return lots(name, "train", choice, count).map((problem) => {
    return { problem, chosen: problem.solution(), rejected: problem.solution(dice) };
  });
}
