/**
 * Trains a model that comes with the package from nothing, by the training.json of its folder: round after round, each in the
 * model that the one before it left. Interrupted, it goes on where it was.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openText } from "../src/files/text-files.ts";
import { curves } from "../src/training/curves.ts";
import { exportModel, importModel, type Trained } from "../src/training/export.ts";
import { parseLog } from "../src/training/log.ts";
import { readSettings } from "../src/training/settings.ts";

const root = join(import.meta.dirname, "..");

/** training.json. */
export interface Rounds {
  /** Of all rounds; `qwq train --config` takes them. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly rounds: readonly {
    readonly stage: string;
    readonly seed: number;
    /** Settings of this round alone. */
    readonly more?: object;
    readonly cold?: object;
  }[];
  /** How the last round's model is written into the package, where it is not as the round left it: exportModel's words. */
  readonly written?: Pick<Trained, "weights" | "greedy">;
}

/** What the training.json in a folder says. */
export function roundsOf(folder: string): Rounds {
  return JSON.parse(readFileSync(join(folder, "training.json"), "utf8")) as Rounds;
}

/** One training by `qwq train`. */
export interface Training {
  readonly stage: string;
  readonly seed: number;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly folder: string;
  /** The model that it begins in; nothing unless told. */
  readonly from?: string | undefined;
}

/** Trains it to its end, or goes on with it; nothing where it is done. Ends the process where it failed. */
export function trained({ stage, seed, settings, folder, from }: Training): void {
  if (existsSync(join(folder, stage))) return;
  const config = `${folder}.json`;
  writeFileSync(config, JSON.stringify(settings));
  const begin = from === undefined ? [] : ["--from", from];
  const resume = existsSync(join(folder, "checkpoint.safetensors")) ? ["--resume"] : [];
  const words = ["train", stage, "--config", config, "--seed", `${seed}`, "--out", folder, ...begin, ...resume];
  const { status } = spawnSync(process.execPath, [join(root, "dist/src/cli/main.js"), ...words], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** Trains round n, in the model of the one before it. */
function train({ settings, rounds }: Rounds, n: number, out: string): void {
  const { stage, seed, ...own } = rounds[n]!;
  const from = n === 0 ? undefined : join(out, `${n}`, rounds[n - 1]!.stage);
  trained({ stage, seed, settings: { ...settings, ...own }, folder: join(out, `${n + 1}`), from });
}

/** The folder of the model as it comes with the package: that of the last round, or `path`, written anew from it. */
function written(last: string, path: string, { settings, written: how }: Rounds): string {
  if (how === undefined) return last;
  const { vocabulary, template } = openText(last);
  const { limit } = readSettings(JSON.stringify(settings), "training.json");
  rmSync(path, { recursive: true, force: true });
  exportModel(path, { ...importModel(last), vocabulary: vocabulary!, template: template!, limit, ...how });
  return path;
}

/** Trains all rounds in `out`, and puts into the folder the last one's model, the log of all, and its picture. */
export function trainRounds(folder: string, out: string): void {
  const all = roundsOf(folder);
  mkdirSync(out, { recursive: true });
  all.rounds.forEach((_, n) => train(all, n, out));
  const last = written(join(out, `${all.rounds.length}`, all.rounds.at(-1)!.stage), join(out, "written"), all);
  for (const name of readdirSync(last)) copyFileSync(join(last, name), join(folder, name));
  const logs = all.rounds.map((_, n) => readFileSync(join(out, `${n + 1}`, "log.jsonl"), "utf8"));
  writeFileSync(join(folder, "log.jsonl"), logs.join(""));
  writeFileSync(join(folder, "curves.svg"), curves(parseLog(logs.join(""), "log.jsonl")));
}
