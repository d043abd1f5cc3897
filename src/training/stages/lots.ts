/** Which problems a step gets: drawn anew each time, from the split that it may see. */
import { Dice, hash } from "../tasks/dice.ts";
import { type Kind, KINDS, type Problem, type Split } from "../tasks/problem.ts";
import { distinct, problems } from "../tasks/problems.ts";
import type { Mixture } from "../settings.ts";

/** So many equally likely numbers to choose a kind by. */
const PARTS = 2 ** 30;
/** How much longer than asked for is searched, for numbers that are short enough. */
const MOST_TIMES = 64;

/** What may be asked: how often each kind comes, and how many digits a number of arithmetic has at most. */
export interface Choice {
  readonly mixture: Mixture;
  readonly digits: number;
}

/** Problems of a split, as often of each kind as the mixture says. They follow from the name alone. */
export function lots(name: string, split: Split, { mixture, digits }: Choice, count: number): Problem[] {
  const dice = new Dice(name, "kinds");
  const streams = new Map<Kind, Generator<Problem, never>>();
  return Array.from({ length: count }, () => {
    const kind = kindOf(dice, mixture);
    const stream = streams.get(kind) ?? problems(kind, split, hash(name));
    streams.set(kind, stream);
    let problem = stream.next().value;
    while (!isShort(problem, digits)) problem = stream.next().value;
    return problem;
  });
}

/** The same number of different problems, each kind as large a part as in the mixture: what a table is made of. */
export function different(split: Split, { mixture, digits }: Choice, count: number, seed = 1): Problem[] {
  const all = KINDS.reduce((sum, kind) => sum + mixture[kind], 0);
  return KINDS.flatMap((kind) => {
    const part = Math.round((count * mixture[kind]) / all);
    return part === 0 ? [] : several(kind, split, seed, part, digits);
  });
}

/** As `distinct`; of few short numbers there may be fewer than asked for. */
function several(kind: Kind, split: Split, seed: number, count: number, digits: number): Problem[] {
  for (let asked = count; ; asked *= 4) {
    const found = distinct(kind, split, seed, asked).filter((problem) => isShort(problem, digits));
    if (found.length >= count || asked > count * MOST_TIMES) return found.slice(0, count);
  }
}

const isShort = ({ kind, key }: Problem, digits: number) =>
  kind !== "arithmetic" || !new RegExp(`\\d{${digits + 1}}`).test(key);

function kindOf(dice: Dice, mixture: Mixture): Kind {
  const all = KINDS.reduce((sum, kind) => sum + mixture[kind], 0);
  let rest = (dice.below(PARTS) / PARTS) * all;
  for (const kind of KINDS) {
    rest -= mixture[kind];
    if (rest < 0) return kind;
  }
  return KINDS.find((kind) => mixture[kind] > 0)!;
}
