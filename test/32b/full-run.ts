/** The whole run of a large checkpoint, each part in a process of its own, and Hugging Face's beside it. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { type Bundle, openBundle } from "../../src/oracle/bundle-read.ts";
import { MAIN } from "../support/cli.ts";
import { type Golden, tensorFile } from "../support/golden.ts";
import { PYTHON } from "../support/real.ts";
import { type Watched, watched } from "../support/watched.ts";

/** "How are you doing?", in the vocabulary of Qwen. */
const PROMPT = [4340, 525, 498, 3730, 30];
export const NEW = 4;
/** What the commands promise: so much memory, with room for so many tokens. */
export const MEMORY = 3 * 2 ** 30;
export const CONTEXT = 4096;

/** What golden/hf_layers.py says of a position: the likeliest tokens, and how clearly the first is so. */
export interface Next {
  readonly f32: readonly number[];
  readonly f64: readonly number[];
  readonly margin: number;
  readonly noise: number;
}

export interface About {
  readonly ids: readonly number[];
  readonly layers: readonly number[];
  readonly next: readonly Next[];
  readonly versions: Readonly<Record<string, string>>;
  readonly seconds: Readonly<Record<string, number>>;
  readonly peakBytes: number;
}

/** The last line of `qwq run --json`. */
export interface End {
  readonly ids: readonly number[];
  readonly timings: { readonly promptSeconds: number; readonly seconds: number };
}

export interface FullRun {
  readonly prompt: readonly number[];
  readonly layers: readonly number[];
  readonly headSize: number;
  readonly tensors: number;
  readonly weightBytes: number;
  readonly run: Watched;
  readonly end: End;
  readonly record: Watched;
  readonly about: About;
  readonly ours: Bundle;
  readonly theirs: Bundle;
  readonly truth: Golden;
  readonly steps: Golden;
}

/** `qwq run`, then `qwq oracle record` of the prompt and what was generated, then Hugging Face on the same ids. */
export async function fullRun(model: string, work: string, say: (line: string) => void): Promise<FullRun> {
  mkdirSync(work, { recursive: true });
  const { config, source } = openCheckpoint(model);
  const infos = [...source.tensors.values()];
  source.close();
  const prompt = PROMPT.map((id) => id % config.vocabulary);
  const layers = pick(config.layers);
  const promise = ["--memory", `${MEMORY / 2 ** 30}GiB`, "--context", `${Math.min(CONTEXT, config.context)}`];
  const command = async (args: string[], ids: readonly number[]) => {
    const file = join(work, `ids-${ids.length}.json`);
    writeFileSync(file, JSON.stringify(ids));
    const done = await watched(process.execPath, [MAIN, ...args, "-m", model, ...promise, "--ids", file]);
    if (done.code !== 0) throw new Error(`qwq ${args.join(" ")} ended with ${done.code}: ${done.stderr}`);
    say(`qwq ${args[0]!}, ${ids.length} tokens fed: ${done.seconds.toFixed(0)} s`);
    return done;
  };
  const run = await command(["run", "--greedy", "--max-tokens", `${NEW}`, "--json"], prompt);
  const end = JSON.parse(run.stdout.trim().split("\n").at(-1)!) as End;
  const fed = [...prompt, ...end.ids.slice(0, -1)];
  const bundle = join(work, "ours.oracle");
  rmSync(bundle, { recursive: true, force: true });
  const record = await command(["oracle", "record", "--layers", layers.join(), "-o", bundle], fed);
  const theirs = join(work, "theirs");
  const about = huggingFace(model, join(work, `ids-${fed.length}.json`), theirs, fed, layers);
  const steps = join(work, "steps.safetensors");
  python("hf_steps.py", model, bundle, steps);
  return {
    prompt,
    layers,
    headSize: config.headSize,
    tensors: infos.length,
    weightBytes: infos.reduce((sum, { bytes }) => sum + bytes, 0),
    ...{ run, end, record, about },
    ours: openBundle(bundle),
    theirs: openBundle(theirs),
    truth: tensorFile(join(theirs, "truth.safetensors")),
    steps: tensorFile(steps),
  };
}

/** The first two layers, two in the middle and the last two: of each second one the first one's output is known. */
function pick(layers: number): number[] {
  const middle = Math.floor(layers / 2);
  return [...new Set([0, 1, middle - 2, middle - 1, layers - 2, layers - 1])]
    .filter((l) => l >= 0)
    .sort((a, b) => a - b);
}

/** Made again unless the same ids and layers are there: a checkpoint that has changed since can only fail the comparison. */
function huggingFace(model: string, idsFile: string, out: string, ids: number[], layers: number[]): About {
  const read = () => JSON.parse(readFileSync(join(out, "about.json"), "utf8")) as About;
  const same = (about: About) => about.ids.join() === ids.join() && about.layers.join() === layers.join();
  if (existsSync(join(out, "about.json")) && same(read())) return read();
  python("hf_layers.py", model, idsFile, out, "--layers", layers.join());
  return read();
}

function python(script: string, ...args: string[]): void {
  const path = join(import.meta.dirname, "../../golden", script);
  execFileSync(PYTHON, [path, ...args], { stdio: ["ignore", "ignore", "inherit"] });
}
