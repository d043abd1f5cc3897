/** Pairs of replies of which one is liked better, for the reward model: problems of a split, each with two replies. */
import { Dice } from "../tasks/dice.ts";
import { type Preference, preference } from "../tasks/preferences.ts";
import type { Problem, Split } from "../tasks/problem.ts";
import { type Choice, lots } from "./lots.ts";

/** Two replies to one problem, as text. */
export interface Pair extends Preference {
  readonly problem: Problem;
}

/** Pairs that follow from the name alone. */
export function pairs(name: string, split: Split, choice: Choice, count: number): Pair[] {
  const dice = new Dice(name, "pairs");
  return lots(name, split, choice, count).map((problem) => ({ problem, ...preference(problem, dice) }));
}
