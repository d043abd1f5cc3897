/**
 * Fills the tables of the model card from figures.json and log.jsonl: `npx tsx golden/toolcaller/tables.ts`. A test checks that
 * they are what the files say.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Entry, readLog } from "../../src/training/log.ts";
import type { Share } from "../../src/training/stages/interval.ts";
import { between, said, stages, table } from "../reasoner/tables.ts";
import type { Figures, Ways } from "./figures.ts";
import { type Turn, TURNS } from "./problems.ts";

const here = import.meta.dirname;
export const CARD: string = join(here, "README.md");

/** The committed figures and log. */
export function readFigures(): readonly [Figures, readonly Entry[]] {
  const figures = JSON.parse(readFileSync(join(here, "figures.json"), "utf8")) as Figures;
  return [figures, readLog(join(here, "log.jsonl"))];
}

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ") || "nothing";

/** Shares in both ways, a row each. */
function ways(head: string, rows: Readonly<Record<string, Ways>>): string {
  return table(
    [head, "asked", "greedy", "QwQ's settings"],
    Object.entries(rows).map(([name, { greedy, qwq }]) => [name, `${greedy.of}`, said(greedy), said(qwq)]),
  );
}

/** Shares, a row each. */
function shares(head: string, rows: Readonly<Record<string, Share>>): string {
  return table(
    [head, "asked", "right"],
    Object.entries(rows).map(([name, share]) => [name, `${share.of}`, said(share)]),
  );
}

/** The card with its tables. */
export function withFigures(card: string, figures: Figures, log: readonly Entry[]): string {
  const turns = Object.entries(figures.turns).map(([turn, share]) => [TURNS[turn as Turn], share] as const);
  const parts = {
    conversations: shares("a conversation", figures.conversations),
    turns: ways("what is due", Object.fromEntries(turns)),
    wordings: shares("the wording", figures.wordings),
    digits: shares("digits of both numbers", figures.digits),
    numbers: shares("numbers in the expression", figures.numbers),
    outside: table(
      ["asked", "right", "for example", "it calls", "it says"],
      Object.entries(figures.outside).map(([name, { share, question, calls, answer }]) =>
        [name, said(share), question, calls, answer].map(cell),
      ),
    ),
    stages: table(["stage", "steps", "tokens learnt", "minutes"], stages(log)),
  };
  return Object.entries(parts).reduce((text, [name, content]) => between(text, name, content), card);
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(CARD, withFigures(readFileSync(CARD, "utf8"), ...readFigures()));
}
