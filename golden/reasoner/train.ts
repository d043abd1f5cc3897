/**
 * Trains the embedded model: `npm run train` goes from nothing to golden/reasoner by training.json, round after round, each in
 * the model that the one before it left: the cold start in three rounds of supervision, each with a learning rate that falls
 * to its end and rises again for the next (warm restarts: Loshchilov and Hutter 2017, arXiv 1608.03983), then reinforcement.
 *
 * It takes some forty minutes of two cores. Interrupted, it goes on where it was.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { curves } from "../../src/training/curves.ts";
import { parseLog } from "../../src/training/log.ts";

const here = import.meta.dirname;
const root = join(here, "../..");
const out = join(root, ".cache/reasoner");

/** training.json. */
export interface Rounds {
  /** Of all rounds; `qwq train --config` takes them. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly rounds: readonly { readonly stage: string; readonly seed: number; readonly more?: object }[];
}

/** What training.json says. */
export function readRounds(): Rounds {
  return JSON.parse(readFileSync(join(here, "training.json"), "utf8")) as Rounds;
}

/** Trains round n, in the model of the one before it; nothing where it is done. Ends the process where it failed. */
function train({ settings, rounds }: Rounds, n: number): void {
  const { stage, seed, more } = rounds[n]!;
  const folder = join(out, `${n + 1}`);
  if (existsSync(join(folder, stage))) return;
  const config = join(out, `${n + 1}.json`);
  writeFileSync(config, JSON.stringify(more === undefined ? settings : { ...settings, more }));
  const from = n === 0 ? [] : ["--from", join(out, `${n}`, rounds[n - 1]!.stage)];
  const resume = existsSync(join(folder, "checkpoint.safetensors")) ? ["--resume"] : [];
  const words = ["train", stage, "--config", config, "--seed", `${seed}`, "--out", folder, ...from, ...resume];
  const { status } = spawnSync(process.execPath, [join(root, "dist/src/cli/main.js"), ...words], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

if (process.argv[1] === import.meta.filename) {
  const all = readRounds();
  mkdirSync(out, { recursive: true });
  all.rounds.forEach((_, n) => train(all, n));
  const last = join(out, `${all.rounds.length}`, all.rounds.at(-1)!.stage);
  for (const name of readdirSync(last)) copyFileSync(join(last, name), join(here, name));
  const logs = all.rounds.map((_, n) => readFileSync(join(out, `${n + 1}`, "log.jsonl"), "utf8"));
  writeFileSync(join(here, "log.jsonl"), logs.join(""));
  writeFileSync(join(here, "curves.svg"), curves(parseLog(logs.join(""), "log.jsonl")));
}
