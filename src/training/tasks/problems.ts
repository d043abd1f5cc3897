/** The problems of a kind and a split, one after another, without end. */
import { agent } from "./agent/agent.ts";
import { copy } from "./agent/copy.ts";
import { arithmetic } from "./arithmetic.ts";
import { Dice } from "./dice.ts";
import { instruction } from "./instructions.ts";
import { type Kind, type Problem, type Split, splitOf } from "./problem.ts";
import { program } from "./programs.ts";
import { story } from "./stories.ts";
import { tool } from "./tools.ts";

/** How each kind is drawn, whatever its split. */
const DRAW: Readonly<Record<Kind, (dice: Dice) => Problem>> = {
  arithmetic,
  story,
  program,
  instruction,
  tool,
  agent,
  copy,
};

/** Endless problems of one kind and split; they follow from the seed alone. The same problem may come again. */
export function* problems(kind: Kind, split: Split, seed: number): Generator<Problem, never> {
  const dice = new Dice(seed, kind, split);
  const draw = DRAW[kind];
  for (;;) {
    const problem = draw(dice);
    if (splitOf(problem.key) === split) yield problem;
  }
}

/** Problems seen before, one after another, after which there are taken to be no others. */
const PATIENCE = 2000;

/**
 * The first `count` problems of them that differ by key or wording: to be measured on. Fewer where there are no more: few
 * instructions can be given in few words.
 */
export function distinct(kind: Kind, split: Split, seed: number, count: number): Problem[] {
  const found = new Map<string, Problem>();
  let known = 0;
  for (const problem of problems(kind, split, seed)) {
    if (found.size >= count || known > PATIENCE) break;
    const name = JSON.stringify([problem.key, problem.messages]);
    known = found.has(name) ? known + 1 : 0;
    if (known === 0) found.set(name, problem);
  }
  return [...found.values()];
}
