/**
 * Fills the tables of the model card and the README's first answer from figures.json and log.jsonl:
 * `npx tsx golden/reasoner/tables.ts`. A test checks that they are what the files say.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Entry, readLog } from "../../src/training/log.ts";
import { type Change, difference, type Share, wilson } from "../../src/training/stages/interval.ts";
import type { Way } from "../../src/training/stages/evaluate.ts";
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
  return Object.entries(parts).reduce((text, [name, content]) => between(text, name, content), withSeeds(withRates(card, figures), figures));
}

/** A text with the table of how often each model is right: the card, the essay. */
function withRates(text: string, { models }: Figures): string {
  const rows = models.map(({ name, ways, length }) => {
    return [name, said(ways.sampled), said(ways.qwq), said(ways.greedy), length.toFixed(0)];
  });
  return between(text, "rates", table(["model", "temperature 1", "QwQ's settings", "greedy", "tokens a reply"], rows));
}

/** What began in it. */
const COLD = "round 3: cold start";

/** A text with the table of what came of the same cold start, in points: stage one by each seed, and its controls. */
function withSeeds(text: string, { models }: Figures): string {
  const at = models.findIndex(({ name }) => name === COLD);
  const { ways } = models[at]!;
  const [last, ...others] = models.slice(at + 1).reverse();
  const rows = [{ ...last!, name: "stage one by seed 1" }, ...others.reverse()].map(({ name, ways: after }) => {
    const from = (way: Way) => moved(difference(ways[way], after[way]));
    return [name.replace(" from the same cold start", ""), from("sampled"), from("qwq"), from("greedy")];
  });
  const head = ["after the same cold start", "temperature 1", "QwQ's settings", "greedy"];
  return between(text, "seeds", table(head, rows));
}

const points = (x: number) => `${x < 0 ? "-" : "+"}${Math.abs(100 * x).toFixed(1)}`;
/** A change in points, with its interval. */
export const moved = ({ change, low, high }: Change): string => `${points(change)} (${points(low)} to ${points(high)})`;

/** Problems of the tests in the logs. */
const TESTED = 256;

/** The tests in the logs of stage one, seed 1, and of its controls, on the same problems of the validation split. */
function withControls(essay: string, log: readonly Entry[], controls: readonly Entry[]): string {
  const tests = (entries: readonly Entry[], name: string) => {
    return entries.filter(({ stage, values }) => stage === name && values["held_sampled"] !== undefined);
  };
  const named = [
    ["cold start", tests(log, "more").at(-1)!] as const,
    ...tests(log, "one").map((entry) => [`stage one, ${entry.step} steps`, entry] as const),
    ...tests(controls, "reject").map((entry) => [`rejection sampling, ${entry.step} steps`, entry] as const),
    ...tests(controls, "more").map((entry) => [`more supervision, ${entry.step} steps`, entry] as const),
  ];
  const rows = named.map(([name, { values }]) => {
    const share = (key: string) => said(wilson(Math.round(TESTED * values[key]!), TESTED));
    return [name, share("held_sampled"), share("held_greedy")];
  });
  return between(essay, "controls", table(["", "temperature 1", "greedy"], rows));
}

/** The essay with its tables. */
export function withEssay(essay: string, figures: Figures, log: readonly Entry[], controls: readonly Entry[]): string {
  return withControls(withSeeds(withRates(essay, figures), figures), log, controls);
}

/** The committed logs of the controls. */
export function readControls(): readonly Entry[] {
  return readLog(join(here, "controls.jsonl"));
}

const lastLine = (text: string) => (text.trim().split("\n").at(-1) ?? "").replaceAll("|", "\\|") || "nothing";

/** What each stage took. */
export function stages(log: readonly Entry[]): string[][] {
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
  writeFileSync(ESSAY, withEssay(readFileSync(ESSAY, "utf8"), figures, log, readControls()));
  writeFileSync(README, withReasoning(readFileSync(README, "utf8"), figures));
}
