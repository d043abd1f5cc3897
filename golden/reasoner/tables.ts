/**
 * Fills the tables of the model card and the README's first answer from figures.json and log.jsonl:
 * `npx tsx golden/reasoner/tables.ts`. A test checks that they are what the files say.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Entry, readLog } from "../../src/training/log.ts";
import type { Share } from "../../src/training/stages/interval.ts";
import type { Figures } from "./figures.ts";

const here = import.meta.dirname;
export const CARD: string = join(here, "README.md");
export const README: string = join(here, "../../README.md");
/** The essay. */
export const ESSAY: string = join(here, "../../docs/training.md");

/** The committed figures and log. */
export function readFigures(): readonly [Figures, readonly Entry[]] {
  const figures = JSON.parse(readFileSync(join(here, "figures.json"), "utf8")) as Figures;
  return [figures, readLog(join(here, "log.jsonl"))];
}

const percent = (x: number) => `${(100 * x).toFixed(1)}`;
export const said = ({ share, low, high }: Share): string => `${percent(share)} % (${percent(low)} to ${percent(high)})`;
const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

/** The card with its tables. */
export function withFigures(card: string, figures: Figures, log: readonly Entry[]): string {
  const { wordings, operations, outside } = figures;
  const parts = {
    wordings: table(
      ["asked as", "right"],
      [...Object.entries(wordings), ...Object.entries(operations)].map(([name, share]) => [name, said(share)]),
    ),
    outside: table(
      ["asked", "right", "for example", "it says"],
      outside.map(({ name, share, question, reply }) => [name, said(share), question, lastLine(reply)]),
    ),
    stages: table(["stage", "steps", "tokens learnt or drawn", "minutes"], stages(log)),
  };
  return Object.entries(parts).reduce((text, [name, content]) => between(text, name, content), withRates(card, figures));
}

/** A text with the table of how often each model is right: the card, the essay. */
export function withRates(text: string, { models }: Figures): string {
  const rows = models.map(({ name, ways, length }) => {
    return [name, said(ways.sampled), said(ways.qwq), said(ways.greedy), length.toFixed(0)];
  });
  return between(text, "rates", table(["model", "temperature 1", "QwQ's settings", "greedy", "tokens a reply"], rows));
}

const lastLine = (text: string) => (text.trim().split("\n").at(-1) ?? "").replaceAll("|", "\\|") || "nothing";

/** What each stage took. */
function stages(log: readonly Entry[]): string[][] {
  return [...new Set(log.map(({ stage }) => stage))].map((name) => {
    const steps = log.filter(({ stage }) => stage === name);
    const sum = (key: string) => steps.reduce((total, { values }) => total + (values[key] ?? 0), 0);
    const tokens = `${(sum("tokens") / 1e6).toFixed(1)} million`;
    return [name, `${steps.length}`, tokens, (sum("seconds") / 60).toFixed(0)];
  });
}

/** The README with the model's own words at its beginning. */
export function withReasoning(readme: string, { answer }: Figures): string {
  const lines = [...answer.thinking.trim().split("\n").map((line) => `_${line}_\\`), "", answer.answer.trim()];
  return between(readme, "reasoning", lines.map((line) => `> ${line}`.trimEnd()).join("\n"));
}

export function between(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  return `${text.slice(0, text.indexOf(open) + open.length)}\n${content}\n${text.slice(text.indexOf(close))}`;
}

if (process.argv[1] === import.meta.filename) {
  const [figures, log] = readFigures();
  writeFileSync(CARD, withFigures(readFileSync(CARD, "utf8"), figures, log));
  writeFileSync(ESSAY, withRates(readFileSync(ESSAY, "utf8"), figures));
  writeFileSync(README, withReasoning(readFileSync(README, "utf8"), figures));
}
