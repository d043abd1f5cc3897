/**
 * Trains what the embedded model is compared with, each from the cold start that `npm run train` left in .cache/reasoner, by
 * controls.json: stage one by other seeds, and its two controls. `npx tsx golden/reasoner/controls.ts` trains them one after
 * another in .cache/reasoner/controls; interrupted, it goes on where it was. controls.jsonl is then their logs;
 * `npx tsx golden/reasoner/figures.ts --controls` measures them.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { trained } from "../rounds.ts";
import { OUT, readRounds } from "./train.ts";

const here = import.meta.dirname;

/** One of controls.json. */
export interface Control {
  readonly name: string;
  /** What the tables call it. */
  readonly said: string;
  readonly stage: "one" | "more" | "reject";
  readonly seed: number;
  /** Settings in place of training.json's. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** What controls.json says. */
export function allControls(): readonly Control[] {
  return JSON.parse(readFileSync(join(here, "controls.json"), "utf8")) as readonly Control[];
}

/** Where a control's training lies; its model is in the folder of its stage's name there. */
export const folderOf = ({ name }: Control): string => join(OUT, "controls", name);

if (process.argv[1] === import.meta.filename) {
  const { settings, rounds } = readRounds();
  const last = rounds.findLastIndex(({ stage }) => stage === "more");
  const from = join(OUT, `${last + 1}`, "more");
  mkdirSync(join(OUT, "controls"), { recursive: true });
  const logs = allControls().map((control) => {
    const { stage, seed } = control;
    trained({ stage, seed, from, folder: folderOf(control), settings: { ...settings, ...control.settings } });
    return readFileSync(join(folderOf(control), "log.jsonl"), "utf8");
  });
  writeFileSync(join(here, "controls.jsonl"), logs.join(""));
}
