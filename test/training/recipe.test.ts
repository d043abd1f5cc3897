import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { QwqError } from "../../src/errors.ts";
import { logSumExp } from "../../src/generate/softmax.ts";
import { forward } from "../../src/model.ts";
import { reference } from "../../src/reference/index.ts";
import { unwrap } from "../../src/reference/unwrap.ts";
import { replaceIo, SYSTEM } from "../../src/files/io.ts";
import { openText } from "../../src/files/text-files.ts";
import { readCheckpoint } from "../../src/training/checkpoint.ts";
import { importModel } from "../../src/training/export.ts";
import { parseLog } from "../../src/training/log.ts";
import type { Drawing } from "../../src/training/learner.ts";
import { named, weightsOf } from "../../src/training/parameters.ts";
import { referenceLearner } from "../../src/training/reference-learner.ts";
import { type Recipe, runRecipe, WHOLE } from "../../src/training/recipe.ts";
import { TaskTokenizer } from "../../src/training/tokenizer.ts";
import { no, RIGHT } from "../../src/verify/verdict.ts";
import { temporaryFolder } from "../support/folder.ts";
import { systemError } from "../support/io.ts";
import { tinyRecipe, tinySettings } from "../support/training.ts";

/** The QwqError that a training ends with. */
async function fault(recipe: Recipe): Promise<QwqError> {
  const error = await runRecipe(recipe).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof QwqError) return error;
  throw new Error("expected a QwqError", { cause: error });
}

/** KL(p || q) of the first token that follows one prompt, of two models in folders. */
function divergence(p: string, q: string): number {
  const [of, from] = [p, q].map((path) => {
    const { parameters, config } = importModel(path);
    const caches = reference.cache(config, 4);
    const { data } = unwrap(
      forward(reference, weightsOf(parameters, config), Uint32Array.of(5, 6, 7, 8), caches),
      "test",
    );
    const last = data.slice(-config.vocabulary);
    return last.map((z) => z - logSumExp(last));
  });
  return of!.reduce((sum, x, i) => sum + Math.exp(x) * (x - from![i]!), 0);
}

/** Stops a training when it has said so many entries: what Ctrl-C does. */
function stoppedAfter(entries: number): Pick<Recipe, "signal" | "onEntry"> {
  const controller = new AbortController();
  let said = 0;
  return {
    signal: controller.signal,
    onEntry: () => {
      if (++said === entries) controller.abort();
    },
  };
}

function bits(folder: string): string {
  const { state, log } = readCheckpoint(join(folder, "run/checkpoint.safetensors"));
  const all = [state.parameters, state.mean, state.square].flatMap((part) => [...named(part)]);
  const untimed = parseLog(log, "log").map((entry) => ({ ...entry, values: { ...entry.values, seconds: 0 } }));
  return JSON.stringify([untimed, all.map(([name, { data }]) => [name, Buffer.from(data.buffer).toString("base64")])]);
}

const whole = mkdtempSync(join(tmpdir(), "qwq-recipe-"));
afterAll(() => rmSync(whole, { recursive: true }));

describe("the recipe", () => {
  it("goes from nothing through all stages, and leaves a model of each", async () => {
    expect(await runRecipe(tinyRecipe(whole, { stages: WHOLE }))).toBe(true);
    const made = readdirSync(join(whole, "run")).sort();
    expect(made).toEqual([
      ...[
        "checkpoint.safetensors",
        "cold",
        "judge.safetensors",
        "log.jsonl",
        "one",
        "settings.json",
        "tokenizer",
        "two",
      ],
    ]);
    const log = parseLog(readFileSync(join(whole, "run/log.jsonl"), "utf8"), "log");
    expect(log.map(({ stage, step, of }) => `${stage} ${step}/${of}`)).toEqual([
      ...[
        "cold 1/4",
        "cold 2/4",
        "cold 3/4",
        "cold 4/4",
        "one 1/2",
        "one 2/2",
        "judge 1/2",
        "judge 2/2",
        "two 1/2",
        "two 2/2",
      ],
    ]);
    expect(log[3]!.values["loss"]).toBeLessThan(log[0]!.values["loss"]!);
    expect(log[1]!.values).toHaveProperty("held_sampled");
    expect(log[4]!.sample?.question).toMatch(/\d/);
  });

  it.each([1, 4, 5, 7, 9])("stopped after %i entries and gone on with, it makes the same bits", async (entries) => {
    const folder = temporaryFolder();
    expect(await runRecipe(tinyRecipe(folder, { stages: WHOLE, ...stoppedAfter(entries) }))).toBe(false);
    expect(await runRecipe(tinyRecipe(folder, { stages: WHOLE, resume: true }))).toBe(true);
    expect(bits(folder)).toBe(bits(whole));
    for (const name of ["cold", "one", "two"]) {
      const weights = (root: string) => readFileSync(join(root, "run", name, "model.safetensors"));
      expect(weights(folder).equals(weights(whole))).toBe(true);
    }
  });

  it("killed with the checkpoint of an earlier step left, it makes the same bits", async () => {
    const folder = temporaryFolder();
    const recipe = tinyRecipe(folder, { stages: WHOLE, every: 0 });
    await runRecipe({ ...recipe, ...stoppedAfter(2) });
    const early = readFileSync(join(folder, "run/checkpoint.safetensors"));
    await runRecipe({ ...recipe, resume: true, ...stoppedAfter(1) });
    writeFileSync(join(folder, "run/checkpoint.safetensors"), early); // as if the kill had come before it was written
    await runRecipe({ ...recipe, resume: true });
    expect(bits(folder)).toBe(bits(whole));
  });

  it("another seed makes another model", async () => {
    const folder = temporaryFolder();
    await runRecipe(tinyRecipe(folder, { stages: WHOLE, seed: 6n }));
    expect(bits(folder)).not.toBe(bits(whole));
  });

  it("a stage begins where the one before it ended, also in another folder", async () => {
    const folder = temporaryFolder();
    await runRecipe(tinyRecipe(folder, { stages: ["one"], from: join(whole, "run/cold") }));
    const weights = (root: string) => readFileSync(join(root, "run/one/model.safetensors"));
    expect(weights(folder).equals(weights(whole))).toBe(true);
  });

  it("held near the policy of its beginning, a stage strays less, and goes on as if it had not been stopped", async () => {
    const judge: Recipe["judge"] = async (asked) =>
      asked.map(({ reply }) => (/[a-z]/.test(reply) ? RIGHT : no("wrong", "no letters")));
    const makeLearner: Recipe["makeLearner"] = async (parameters, config) => {
      const learner = referenceLearner(parameters, config);
      const stop = Array.from({ length: config.vocabulary }, (_, id) => id); // every token ends its reply, so that all are judged
      const draw = learner.draw.bind(learner);
      return Object.assign(learner, {
        draw: (prompts: readonly Uint32Array[], drawing: Drawing) => draw(prompts, { ...drawing, stop }),
      });
    };
    const strayed = async (kl: number, changes: Partial<Recipe> = {}) => {
      const folder = temporaryFolder();
      const settings = tinySettings({ limit: 6, one: { steps: 6, replies: 6, rate: 0.01, kl } });
      const recipe = {
        settings,
        stages: ["one"] as const,
        from: join(whole, "run/cold"),
        judge,
        makeLearner,
        ...changes,
      };
      if (!(await runRecipe(tinyRecipe(folder, recipe)))) {
        await runRecipe(tinyRecipe(folder, { ...recipe, resume: true, signal: undefined, onEntry: undefined }));
      }
      return divergence(join(folder, "run/one"), join(whole, "run/cold"));
    };
    const [free, held] = [await strayed(0), await strayed(1)];
    expect(free).toBeGreaterThan(0);
    expect(held).toBeLessThan(free);
    expect(await strayed(1, stoppedAfter(3))).toBe(held);
  });

  it("stage two is held on stage one's kinds of problems alone", async () => {
    const strayed = async (kl: number, mixture: Record<string, number>) => {
      const folder = temporaryFolder();
      mkdirSync(join(folder, "run"));
      copyFileSync(join(whole, "run/judge.safetensors"), join(folder, "run/judge.safetensors"));
      const settings = tinySettings({ two: { replies: 4, rate: 0.01, kl, mixture } });
      await runRecipe(tinyRecipe(folder, { settings, stages: ["two"], from: join(whole, "run/one") }));
      return divergence(join(folder, "run/two"), join(whole, "run/one"));
    };
    const others = { arithmetic: 0, instruction: 1 };
    const free = await strayed(0, others);
    expect(free).toBeGreaterThan(0);
    expect(await strayed(5, others)).toBe(free);
    const both = { arithmetic: 1, instruction: 1 };
    expect(await strayed(5, both)).not.toBe(await strayed(0, both));
  });

  it("pays stage two's replies for the rules they keep, where the settings say so", async () => {
    const { vocabulary, template } = openText(join(whole, "run/tokenizer"));
    const chat = new TaskTokenizer(vocabulary!, template!);
    const ids = chat.reply("a word\n</think>\n\nword");
    const drawn = { ids, logprobs: new Float32Array(ids.length), ended: true };
    const makeLearner: Recipe["makeLearner"] = async (parameters, config) => {
      const draw = (prompts: readonly Uint32Array[]) => Promise.resolve(prompts.map(() => drawn));
      return Object.assign(referenceLearner(parameters, config), { draw });
    };
    const paid = async (partial: number) => {
      const folder = temporaryFolder();
      mkdirSync(join(folder, "run"));
      copyFileSync(join(whole, "run/judge.safetensors"), join(folder, "run/judge.safetensors"));
      const mixture = { arithmetic: 0, instruction: 1 };
      const settings = tinySettings({
        two: { steps: 1, partial, opinion: 0, mixture },
        test: { problems: 2, every: 9 },
      });
      const rewards: number[] = [];
      const onEntry: Recipe["onEntry"] = ({ values }) => rewards.push(values["reward"]!);
      const from = join(whole, "run/one");
      await runRecipe(tinyRecipe(folder, { settings, stages: ["two"], from, makeLearner, onEntry }));
      return rewards[0]!;
    };
    const [whollyRight, most] = [await paid(0), await paid(1)];
    expect(whollyRight).toBe(0);
    expect(most).toBeGreaterThan(0);
    expect(await paid(0.5)).toBeCloseTo(most / 2, 12);
  });

  it("a stage that ends before its horizon takes the first steps of the longer one, to the bit", async () => {
    const [short, shorter, long] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    await runRecipe(tinyRecipe(short, { settings: tinySettings({ cold: { steps: 2, horizon: 4 } }) }));
    await runRecipe(tinyRecipe(shorter, { settings: tinySettings({ cold: { steps: 2 } }) }));
    await runRecipe(tinyRecipe(long, stoppedAfter(2)));
    const of = (folder: string) => {
      const { state, log } = readCheckpoint(join(folder, "run/checkpoint.safetensors"));
      return [[...named(state.parameters)], parseLog(log, "log").map(({ values }) => [values["rate"], values["loss"]])];
    };
    expect(of(short)).toEqual(of(long));
    expect(of(shorter)).not.toEqual(of(long));
  });

  it("the controls begin where stage one does", async () => {
    const folder = temporaryFolder();
    for (const name of ["more", "reject"] as const) {
      const recipe = tinyRecipe(join(folder, name), { stages: [name], from: join(whole, "run/cold") });
      expect(await runRecipe(recipe)).toBe(true);
      expect(existsSync(join(folder, name, "run", name, "model.safetensors"))).toBe(true);
    }
  });
});

describe("bad input", () => {
  it("a folder with a training is not begun again unasked", async () => {
    const folder = temporaryFolder();
    await runRecipe(tinyRecipe(folder));
    const error = await fault(tinyRecipe(folder));
    expect([error.code, error.actual]).toEqual(["E_OUT_EXISTS", "one in stage cold, step 4"]);
  });

  it("going on with other settings is refused, with what differs", async () => {
    const folder = temporaryFolder();
    await runRecipe(tinyRecipe(folder, stoppedAfter(1)));
    const settings = tinySettings({ cold: { rate: 0.02 } });
    const error = await fault(tinyRecipe(folder, { resume: true, settings }));
    expect([error.code, error.expected]).toEqual(["E_TRAIN_SETTINGS", "to go on with cold.rate 0.01"]);
  });

  it("going on from a damaged checkpoint is refused", async () => {
    const folder = temporaryFolder();
    await runRecipe(tinyRecipe(folder, stoppedAfter(1)));
    const path = join(folder, "run/checkpoint.safetensors");
    const bytes = readFileSync(path);
    bytes[bytes.length - 9]! ^= 1;
    writeFileSync(path, bytes);
    expect((await fault(tinyRecipe(folder, { resume: true }))).code).toBe("E_TRAIN_CHECKPOINT");
  });

  it("on a full disk it ends and says so, and goes on from the last checkpoint once there is room", async () => {
    const folder = temporaryFolder();
    const [stages, every] = [WHOLE, 0];
    let said = 0;
    const full = () => {
      throw systemError("ENOSPC");
    };
    const fill = () => {
      if (++said === 3) onTestFinished(replaceIo({ ...SYSTEM, writeSync: full }));
    };
    const error = await fault(tinyRecipe(folder, { stages, every, onEntry: fill }));
    replaceIo(SYSTEM);
    expect([error.code, error.message.includes("The disk is full")]).toEqual(["E_OUT_WRITE", true]);
    expect(readCheckpoint(join(folder, "run/checkpoint.safetensors")).step).toBe(2);
    await runRecipe(tinyRecipe(folder, { stages, resume: true }));
    expect(bits(folder)).toBe(bits(whole));
  });

  it("a folder that cannot be made, or that is a file, is named", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "run"), "");
    const taken = await fault(tinyRecipe(folder));
    expect([taken.code, taken.actual]).toEqual(["E_OUT_WRITE", "a file"]);
    onTestFinished(
      replaceIo({
        ...SYSTEM,
        mkdirSync: () => {
          throw systemError("EACCES");
        },
      }),
    );
    expect((await fault(tinyRecipe(temporaryFolder()))).code).toBe("E_OUT_WRITE");
  });

  it("nothing to go on with is missing", async () => {
    expect((await fault(tinyRecipe(temporaryFolder(), { resume: true }))).code).toBe("E_IO_OPEN");
  });

  it("a stage whose beginning is not there names it", async () => {
    const error = await fault(tinyRecipe(temporaryFolder(), { stages: ["one"] }));
    expect([error.code, error.expected]).toEqual(["E_IO_OPEN", "the model of stage cold, in which one begins"]);
  });

  it("a training that comes apart says where and when, and the folder keeps the last good state", async () => {
    const folder = temporaryFolder();
    const settings = tinySettings({ cold: { steps: 6, rate: 3e38, warmup: 1, decay: 0 } });
    const error = await fault(tinyRecipe(folder, { settings, every: 0 }));
    expect(error.code).toBe("E_NUM_NONFINITE");
    expect(error.where).toMatch(/^cold, step \d$/);
    expect(error.tensor).toMatch(/^it began in (\d\.\w+|[EgU]|logits)$/);
    const { state } = readCheckpoint(join(folder, "run/checkpoint.safetensors"));
    for (const [, { data }] of named(state.parameters)) expect(data.every(Number.isFinite)).toBe(true);
  });
});
