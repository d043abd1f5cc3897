/**
 * A training from its first step to its last: stage after stage, put aside every so often, and gone on with as if it had
 * never been.
 *
 * In its folder: settings.json, tokenizer/, checkpoint.safetensors, log.jsonl, curves.svg; and of each stage that is done the
 * model as a Hugging Face folder of the stage's name.
 */
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Config } from "../config.ts";
import { FormatError, QwqError } from "../errors.ts";
import { Halted } from "../generate/feed.ts";
import { type Checkpoint, type Place, writeCheckpoint } from "./checkpoint.ts";
import { type Entry, line, writeLog } from "./log.ts";
import type { Learner } from "./learner.ts";
import type { Parameters } from "./parameters.ts";
import { schedule } from "./schedule.ts";
import type { Settings } from "./settings.ts";
import { evaluate, type Way } from "./stages/evaluate.ts";
import type { Judge } from "./stages/judge.ts";
import { different } from "./stages/lots.ts";
import { beginning, NotFinite, spoiled } from "./stages/not-finite.ts";
import { type Means, type Said, stage, type Stage, type StageName } from "./stages/plan.ts";
import type { TaskTokenizer } from "./tokenizer.ts";

/** Makes whoever computes. Its updates start from these parameters, without a memory. */
export type MakeLearner = (parameters: Parameters, config: Config) => Promise<Learner>;

/** One stage's training. */
export interface Training {
  readonly folder: string;
  readonly settings: Settings;
  readonly seed: string;
  readonly stage: StageName;
  readonly config: Config;
  readonly chat: TaskTokenizer;
  /** The ids that end a reply. */
  readonly stop: readonly number[];
  readonly judge: Judge;
  readonly learner: Learner;
  readonly critic?: Learner | undefined;
  readonly anchor?: Learner | undefined;
  /** Where it goes on; undefined at its beginning. */
  readonly from?: Checkpoint | undefined;
  /** The log of what was before. */
  readonly log: string;
  readonly signal?: AbortSignal | undefined;
  /** Told of each step. */
  readonly onEntry?: ((entry: Entry) => void) | undefined;
  /** Seconds between two checkpoints; 30 unless told. */
  readonly every?: number | undefined;
}

/** How it ended. */
export interface Trained {
  readonly complete: boolean;
  readonly log: string;
}

/** The checkpoint's name in a training's folder. */
export const CHECKPOINT = "checkpoint.safetensors";

/**
 * Trains one stage to its end, or until the signal. Either way the folder then holds where it is.
 *
 * throws   FormatError E_NUM_NONFINITE where the training came apart, with the step and the tensor where it began; the folder
 *          keeps the last good state. IoError E_OUT_WRITE where it cannot be put aside; the last checkpoint stays.
 */
export async function runStage(training: Training): Promise<Trained> {
  const { learner, from } = training;
  const made = stage(training.stage, training satisfies Means);
  const keeper = new Keeper(training);
  if (from === undefined) await keeper.keep(0);
  else await learner.restore(from.state);
  let step = from?.step ?? 0;
  try {
    for (; step < made.course.steps; step++) {
      await setImmediate(); // signals are heard here, where a learner computes without a pause
      if (training.signal?.aborted) break;
      await oneStep(training, made, step, keeper);
      if (keeper.isDue()) await keeper.keep(step + 1);
    }
  } catch (error) {
    if (!(error instanceof Halted)) throw await explained(training, step, keeper, error);
  }
  await keeper.keep(step);
  return { complete: step === made.course.steps, log: keeper.log };
}

/** A step, its entry in the log, and a test now and then. */
async function oneStep(training: Training, made: Stage, step: number, keeper: Keeper): Promise<void> {
  const began = performance.now();
  const { norm, decay, square, rate: peak, horizon, ...course } = made.course;
  const rate = schedule(step + 1, { peak, ...course, steps: horizon === 0 ? course.steps : horizon });
  const said = await made.step(step, { rate, norm, decay, square });
  const tested = await test(training, step + 1, course.steps);
  const seconds = (performance.now() - began) / 1000;
  const entry = { stage: training.stage, step: step + 1, of: course.steps };
  keeper.say({ ...entry, values: { ...said.values, rate, ...tested, seconds }, sample: shown(said, step) });
}

/** Steps between two replies in the log. */
const SHOWN = 10;

function shown({ sample }: Said, step: number): Entry["sample"] {
  if (sample === undefined || step % SHOWN !== 0) return undefined;
  const question = String(sample.problem.messages.at(-1)!.content);
  return { question, reply: sample.text, reward: sample.reward };
}

/** The held-out test while training goes on, at the stage's last step too. */
async function test(training: Training, step: number, steps: number): Promise<Record<string, number>> {
  const { settings, stage: name } = training;
  const { every, problems } = settings.test;
  if ((step % every !== 0 && step !== steps) || name === "judge") return {};
  const mixture = name === "two" ? settings.two.mixture : name === "one" ? settings.one.mixture : settings.cold.mixture;
  const asked = different("validate", { mixture, digits: settings.digits }, problems);
  const result: Record<string, number> = {};
  for (const way of ["sampled", "greedy"] satisfies Way[]) {
    if (training.signal?.aborted) break;
    const { all, kinds, length } = await evaluate(training, asked, way, { limit: settings.limit, seed: 1 });
    result[`held_${way}`] = all.share;
    const each = Object.entries(kinds);
    if (each.length > 1) for (const [kind, { share }] of each) result[`held_${way}_${kind}`] = share;
    if (way === "sampled") result["held_length"] = length;
  }
  return result;
}

/** What is kept of a training while it goes on. */
class Keeper {
  log: string;
  private kept = performance.now();
  private readonly training: Training;

  constructor(training: Training) {
    this.training = training;
    this.log = training.from?.log ?? training.log;
  }

  say(entry: Entry): void {
    this.log += `${line(entry)}\n`;
    this.training.onEntry?.(entry);
  }

  isDue(): boolean {
    return performance.now() - this.kept > 1000 * (this.training.every ?? 30);
  }

  /**
   * Puts the training aside: the checkpoint, which holds everything, before what is made from it. Throws NotFinite instead
   * where the last update has spoiled the weights.
   */
  async keep(step: number): Promise<void> {
    const state = await this.training.learner.state();
    if (spoiled(state.parameters) !== undefined) throw new NotFinite("a weight that is none");
    const { folder, settings, seed, stage: name } = this.training;
    const place: Place = { settings: JSON.stringify(settings), seed, stage: name, step, log: this.log };
    writeCheckpoint(join(folder, CHECKPOINT), { ...place, state });
    writeLog(folder, this.log);
    this.kept = performance.now();
  }
}

/**
 * An error of training as a sentence that says where it began. The state before the step is kept where it is good; where the
 * update has spoiled it, the last checkpoint is the last good one.
 */
async function explained(training: Training, step: number, keeper: Keeper, error: unknown): Promise<unknown> {
  const own = error instanceof NotFinite ? error : undefined;
  if (own === undefined && !(error instanceof QwqError && error.code === "E_NUM_NONFINITE")) return error;
  const { parameters } = await training.learner.state();
  const bad = spoiled(parameters);
  const where = bad ?? (own?.ids === undefined ? "logits" : beginning(parameters, training.config, own.ids));
  if (bad === undefined) await keeper.keep(step);
  const kept = bad === undefined ? "the state before that step" : "the last good state that was kept";
  return new FormatError("E_NUM_NONFINITE", `${training.stage}, step ${step + 1}`, {
    expected: "finite numbers",
    actual: own?.what ?? "logits that are not",
    tensor: `it began in ${where}`,
    hint: `${CHECKPOINT} holds ${kept}. A lower rate may help.`,
    cause: error,
  });
}
