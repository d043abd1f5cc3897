/** Problems of an agent: a turn of a conversation with tools. */
import type { Dice } from "../dice.ts";
import type { Problem } from "../problem.ts";
import { problemOf } from "./episode.ts";
import { sums } from "./sums.ts";
import { world } from "./worlds.ts";

/** Draws a problem of any split: three of four with a calculator, the others in the worlds. */
export function agent(dice: Dice): Problem {
  return problemOf(...(dice.below(4) < 3 ? sums(dice) : world(dice)));
}
