/**
 * The recipe in a minute: `npm run train:smoke` goes from nothing, by a cold start of which a third of the solutions are
 * wrong, to reinforcement by the verifier, on numbers of one digit; and fails unless the reward rises.
 *
 * What "rises" means: the mean reward of the last ten steps exceeds that of the first ten by more than four standard errors
 * of the difference, as of so many independent replies. Replies to one problem are not independent, so it asks for more than
 * four times what chance would give.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { openLearner } from "../../kernels/training/index.ts";
import type { Entry } from "../../src/training/log.ts";
import { runRecipe } from "../../src/training/recipe.ts";
import { readSettings } from "../../src/training/settings.ts";
import { verifiers } from "../../src/training/stages/judge.ts";

const SETTINGS = {
  model: { layers: 2, channels: 80, heads: 5, keyHeads: 1, headSize: 16, feedForward: 216, context: 256 },
  digits: 1,
  limit: 40,
  cold: { steps: 500, batch: 32, rate: 0.004, warmup: 20, floor: 0.0002, slips: 0.33 },
  one: { steps: 40, problems: 16, replies: 8, rate: 0.0003, floor: 0.0003, warmup: 2 },
  test: { problems: 16, every: 1000 },
};
/** Steps at either end that are compared. */
const ENDS = 10;

const folder = mkdtempSync(join(tmpdir(), "qwq-smoke-"));
const rewards: number[] = [];
const began = performance.now();

function say({ stage, step, of, values }: Entry): void {
  if (stage === "one") rewards.push(values["reward"]!);
  if (step % 10 !== 0 && step !== of) return;
  const said = stage === "one" ? `reward ${values["reward"]!.toFixed(3)}` : `loss ${values["loss"]!.toFixed(3)}`;
  console.log(`${stage} ${step}/${of}  ${said}  ${((performance.now() - began) / 1000).toFixed(0)} s`);
}

try {
  await runRecipe({
    folder,
    settings: readSettings(JSON.stringify(SETTINGS), "smoke"),
    seed: 1n,
    stages: ["cold", "one"],
    resume: false,
    makeLearner: (parameters, config) => openLearner(parameters, config, { threads: availableParallelism() }),
    judge: verifiers(),
    onEntry: say,
  });
} finally {
  rmSync(folder, { recursive: true });
}

const mean = (x: readonly number[]) => x.reduce((sum, one) => sum + one, 0) / x.length;
const [before, after] = [mean(rewards.slice(0, ENDS)), mean(rewards.slice(-ENDS))];
const replies = ENDS * SETTINGS.one.problems * SETTINGS.one.replies;
const error = Math.sqrt((before * (1 - before) + after * (1 - after)) / replies);
console.log(`reward ${before.toFixed(3)} -> ${after.toFixed(3)}, standard error ${error.toFixed(3)}`);
if (!(after - before > 4 * error)) {
  console.error("The reward did not rise: reinforcement does not work.");
  process.exitCode = 1;
}
