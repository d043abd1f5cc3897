/** A training so small that the equations take seconds for it. */
import { join } from "node:path";
import { referenceLearner } from "../../src/training/reference-learner.ts";
import type { Recipe } from "../../src/training/recipe.ts";
import { readSettings, type Settings } from "../../src/training/settings.ts";
import { verifiers } from "../../src/training/stages/judge.ts";

const TINY = {
  model: { layers: 1, channels: 24, heads: 5, keyHeads: 1, headSize: 4, feedForward: 32, context: 256, theta: 10_000 },
  vocabulary: 320,
  corpus: { arithmetic: 50 },
  limit: 12,
  cold: { steps: 4, batch: 2, rate: 0.01, warmup: 1 },
  one: { steps: 2, problems: 2, replies: 2 },
  more: { steps: 2, batch: 2 },
  judge: { steps: 2, batch: 2 },
  two: { steps: 2, problems: 2, replies: 2 },
  test: { problems: 2, every: 2 },
};

/** Its settings, with changes. */
export function tinySettings(changes: Readonly<Record<string, object | number>> = {}): Settings {
  const both = Object.entries({ ...TINY, ...changes }).map(([name, value]) => {
    const own = TINY[name as keyof typeof TINY];
    return [name, typeof own === "object" ? { ...own, ...(value as object) } : value] as const;
  });
  return readSettings(JSON.stringify(Object.fromEntries(both)), "tiny");
}

/** A recipe in a folder, of the equations. */
export function tinyRecipe(folder: string, changes: Partial<Recipe> = {}): Recipe {
  return {
    folder: join(folder, "run"),
    settings: tinySettings(),
    seed: 5n,
    stages: ["cold"],
    resume: false,
    makeLearner: (parameters, config) => Promise.resolve(referenceLearner(parameters, config)),
    judge: verifiers(),
    ...changes,
  };
}
