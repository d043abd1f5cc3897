/**
 * The recipe: a tokenizer, a cold start, stage one, stage two; any of its stages by itself, from where the one before it
 * ended; and the controls.
 */
import { join } from "node:path";
import type { Config } from "../config.ts";
import { IoError } from "../errors.ts";
import { io } from "../files/io.ts";
import { makeFolder, writeAtomically } from "../files/output.ts";
import { openText } from "../files/text-files.ts";
import { type Checkpoint, checkSame, readCheckpoint } from "./checkpoint.ts";
import { exportModel, exportTokenizer, importModel, stopIds } from "./export.ts";
import { initial } from "./initial.ts";
import type { Entry } from "./log.ts";
import type { Parameters } from "./parameters.ts";
import { CHECKPOINT, type MakeLearner, runStage } from "./run.ts";
import { configOf, type Settings } from "./settings.ts";
import type { Judge } from "./stages/judge.ts";
import { type StageName, STAGES } from "./stages/plan.ts";
import { withScalarHead } from "./stages/reward-model.ts";
import { TaskTokenizer, trainTokenizer } from "./tokenizer.ts";

/** What is to be done. */
export interface Recipe {
  readonly folder: string;
  readonly settings: Settings;
  readonly seed: bigint;
  readonly stages: readonly StageName[];
  /** Goes on from the checkpoint in the folder. */
  readonly resume: boolean;
  /** The model in which the first stage begins, in place of the folder's own of the stage before. */
  readonly from?: string | undefined;
  readonly makeLearner: MakeLearner;
  readonly judge: Judge;
  readonly signal?: AbortSignal | undefined;
  readonly onEntry?: ((entry: Entry) => void) | undefined;
  readonly every?: number | undefined;
}

/** The stage in whose model each begins; the first begins in nothing. */
const BEFORE: Readonly<Record<StageName, StageName | undefined>> = {
  cold: undefined,
  one: "cold",
  judge: "one",
  two: "one",
  more: "cold",
  reject: "cold",
};

/**
 * Trains the stages one after another; returns whether all were done before the signal.
 *
 * throws   IoError E_OUT_EXISTS where the folder holds a training and `resume` was not asked for, E_OUT_WRITE where it cannot be
 *          made, E_IO_OPEN where there is nothing to go on from; UsageError E_TRAIN_SETTINGS for another training's folder; as
 *          runStage and readCheckpoint do
 */
export async function runRecipe(recipe: Recipe): Promise<boolean> {
  const { folder, settings, stages } = recipe;
  makeFolder(folder);
  let from = begun(recipe);
  let log = from?.log ?? "";
  tokenizerOf(recipe);
  save(join(folder, "settings.json"), `${JSON.stringify(settings, undefined, 2)}\n`);
  for (const name of stages) {
    const here = from?.stage === name ? from : undefined;
    if (from !== undefined && here === undefined && isDone(folder, name)) continue;
    const done = await oneStage(recipe, name, here, log);
    if (!done.complete) return false;
    log = done.log;
    from = undefined;
  }
  return true;
}

/** The checkpoint to go on from, where there is one; refuses to go on unasked, or as another training. */
function begun({ folder, settings, seed, resume, stages }: Recipe): Checkpoint | undefined {
  const path = join(folder, CHECKPOINT);
  if (io().statSync(path, { throwIfNoEntry: false }) === undefined && !resume) return undefined;
  const checkpoint = readCheckpoint(path);
  checkSame(path, checkpoint, { settings: JSON.stringify(settings), seed: `${seed}` });
  const later = isDone(folder, checkpoint.stage) && !stages.includes(checkpoint.stage as StageName);
  if (resume || later) return checkpoint;
  throw new IoError("E_OUT_EXISTS", folder, {
    path: folder,
    expected: "no training yet",
    actual: `one in stage ${checkpoint.stage}, step ${checkpoint.step}`,
    hint: "Go on with it by --resume, or choose another folder.",
  });
}

/** Where a stage's result lies. */
const resultOf = (folder: string, name: string) => join(folder, name === "judge" ? "judge.safetensors" : name);

const isDone = (folder: string, name: string) =>
  io().statSync(resultOf(folder, name), { throwIfNoEntry: false }) !== undefined;

/** A stage's beginning: drawn, or what the stage before it left. */
function beginning(recipe: Recipe, name: StageName): Parameters {
  const { settings, seed, folder, stages } = recipe;
  const before = BEFORE[name];
  const given = name === stages[0] ? recipe.from : undefined;
  if (before === undefined && given === undefined) {
    return initial(configOf(settings, tokenizerOf(recipe).tokenizer.size), seed);
  }
  const path = given ?? join(folder, before!);
  if (given === undefined && !isDone(folder, before!)) throw nothingBefore(path, name, before!);
  const { parameters } = importModel(path);
  return name === "judge" ? withScalarHead(parameters) : parameters;
}

/** The folder's tokenizer: that of the model it begins in, or a new one; written there at the beginning. */
function tokenizerOf({ folder, settings, from }: Recipe): TaskTokenizer {
  const path = join(folder, "tokenizer");
  const there = io().statSync(path, { throwIfNoEntry: false }) !== undefined;
  const known = there ? openText(path) : from === undefined ? undefined : openText(from);
  const made =
    known?.vocabulary === undefined || known.template === undefined
      ? trainTokenizer({ size: settings.vocabulary, seed: 1, corpus: settings.corpus })
      : new TaskTokenizer(known.vocabulary, known.template);
  if (!there) exportTokenizer(path, made.vocabulary, made.template);
  return made;
}

async function oneStage(recipe: Recipe, name: StageName, from: Checkpoint | undefined, log: string) {
  const { folder, settings, makeLearner } = recipe;
  const chat = tokenizerOf(recipe);
  const config = configOf(settings, chat.tokenizer.size);
  const learner = await makeLearner(from?.state.parameters ?? beginning(recipe, name), config);
  const critic = name === "two" ? await critics(recipe, config) : undefined;
  const anchor = isHeld(settings, name) ? await makeLearner(beginning(recipe, name), config) : undefined;
  try {
    const stop = stopIds(chat.vocabulary);
    const seed = `${recipe.seed}`;
    const parts = { config, chat, stop, learner, critic, anchor };
    const done = await runStage({ ...recipe, ...parts, seed, stage: name, from, log });
    if (!done.complete) return done;
    const { parameters } = await learner.state();
    if (name === "judge") io().copyFileSync(join(folder, CHECKPOINT), resultOf(folder, name));
    else if (!isDone(folder, name)) {
      exportModel(join(folder, name), { ...chat, config, parameters, limit: settings.limit });
    }
    return done;
  } finally {
    await learner.close();
    await critic?.close();
    await anchor?.close();
  }
}

/** Whether a stage is to stay near the policy in which it began. */
function isHeld(settings: Settings, name: StageName): boolean {
  return (name === "one" || name === "two") && settings[name].kl > 0;
}

/** The reward model that stage two asks. */
async function critics({ folder, makeLearner }: Recipe, config: Config) {
  if (!isDone(folder, "judge")) throw nothingBefore(resultOf(folder, "judge"), "two", "judge");
  return makeLearner(readCheckpoint(resultOf(folder, "judge")).state.parameters, config);
}

function nothingBefore(path: string, name: string, before: string): IoError {
  return new IoError("E_IO_OPEN", path, {
    path,
    expected: `the model of stage ${before}, in which ${name} begins`,
    actual: "none",
    hint: `Train ${before} first, or name a model by --from.`,
  });
}

function save(path: string, text: string): void {
  writeAtomically(path, (write) => write(new TextEncoder().encode(text)));
}

/** All of the recipe, without its controls. */
export const WHOLE: readonly StageName[] = STAGES.slice(0, 4);
