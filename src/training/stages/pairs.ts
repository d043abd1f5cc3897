/** Pairs of replies of which one is liked better, for the reward model: the problems of training, each with two replies. */
import { Dice } from "../tasks/dice.ts";
import { type Preference, preference } from "../tasks/preferences.ts";
import type { Problem } from "../tasks/problem.ts";
import { type Choice, lots } from "./lots.ts";

/** Two replies to one problem, as text. */
export interface Pair extends Preference {
  readonly problem: Problem;
}

/** Pairs that follow from the name alone. */
export function pairs(name: string, choice: Choice, count: number): Pair[] {
  const dice = new Dice(name, "pairs");
  return lots(name, "train", choice, count).map((problem) => ({ problem, ...preference(problem, dice) }));
}
