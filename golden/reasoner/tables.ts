/**
 * Fills the tables of the model card and the README's first answer from figures.json and log.jsonl:
 * `npx tsx golden/reasoner/tables.ts`. A test checks that they are what the files say.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Entry, readLog } from "../../src/training/log.ts";
import { type Share, wilson } from "../../src/training/stages/interval.ts";
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

/** Problems of the tests in the logs. */
const TESTED = 256;

/** The tests in the logs of stage one and of its controls, on the same problems of the validation split. */
export function withControls(essay: string, log: readonly Entry[], controls: readonly Entry[]): string {
  const tests = [...log, ...controls].filter(({ values }) => values["held_sampled"] !== undefined);
  const of = (name: string) => tests.filter(({ stage }) => stage === name);
  const named: readonly (readonly [string, Entry | undefined])[] = [
    ["cold start", log.filter(({ stage }) => stage === "more").findLast((entry) => tests.includes(entry))],
    ...of("one").map((entry) => [`stage one, ${entry.step} steps`, entry] as const),
    ...of("reject").map((entry) => [`rejection sampling, ${entry.step} steps`, entry] as const),
    ...controls.filter(({ stage }) => stage === "more").map((entry) => [`more supervision, ${entry.step} steps`, entry] as const),
  ];
  const rows = named.flatMap(([name, entry]) => {
    if (entry?.values["held_sampled"] === undefined) return [];
    const share = (key: string) => said(wilson(Math.round(TESTED * entry.values[key]!), TESTED));
    return [[name, share("held_sampled"), share("held_greedy")]];
  });
  return between(essay, "controls", table(["", "temperature 1", "greedy"], rows));
}

/** The committed tests of the controls. */
export function readControls(): readonly Entry[] {
  return readLog(join(here, "controls.jsonl"));
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
  writeFileSync(ESSAY, withControls(withRates(readFileSync(ESSAY, "utf8"), figures), log, readControls()));
  writeFileSync(README, withReasoning(readFileSync(README, "utf8"), figures));
}
