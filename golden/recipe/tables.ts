/**
 * Fills the tables of golden/recipe/README.md and docs/training.md from figures.json and log.jsonl:
 * `npx tsx golden/recipe/tables.ts`. A test checks that they are what the files say.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Entry, readLog } from "../../src/training/log.ts";
import { type Way, WAYS } from "../../src/training/stages/evaluate.ts";
import type { Share } from "../../src/training/stages/interval.ts";
import { RECIPE_KINDS as KINDS, type RecipeKind as Kind } from "../../src/training/tasks/problem.ts";
import { between, moved, said, table } from "../reasoner/tables.ts";
import type { Figures } from "./figures.ts";

const here = import.meta.dirname;
/** The pages that have these tables. */
export const PAGES: readonly string[] = [join(here, "README.md"), join(here, "../../docs/training.md")];

/** The committed figures and log. */
export function readFigures(): readonly [Figures, readonly Entry[]] {
  const figures = JSON.parse(readFileSync(join(here, "figures.json"), "utf8")) as Figures;
  return [figures, readLog(join(here, "log.jsonl"))];
}

const NAMES: Readonly<Record<Way, string>> = { sampled: "temperature 1", qwq: "QwQ's settings", greedy: "greedy" };
const WAYS_IN_ORDER = Object.keys(WAYS) as Way[];
const ASKED: Readonly<Record<Kind, string>> = {
  arithmetic: "arithmetic",
  story: "stories",
  program: "programs",
  instruction: "instructions",
  tool: "tool calls",
};

/** A page with the tables that it has places for. */
export function withTables(page: string, figures: Figures, log: readonly Entry[]): string {
  const parts: Readonly<Record<string, string>> = {
    "recipe-rates": rates(figures),
    "recipe-changes": changes(figures),
    "recipe-forms": forms(figures),
    "recipe-judge": judge(figures),
    "recipe-opinions": opinions(figures),
    "recipe-reasons": reasons(figures),
    "recipe-easier": easier(figures),
    "recipe-training": training(log),
    "recipe-stages": stages(log),
  };
  return Object.entries(parts).reduce(
    (text, [name, content]) => (text.includes(`<!-- ${name} -->`) ? between(text, name, content) : text),
    page,
  );
}

/** How often each model was right, kind by kind, in three ways. */
function rates({ models, problems }: Figures): string {
  const rows = KINDS.flatMap((kind) =>
    models.map(({ name, ways }, n) => [
      n === 0 ? `${ASKED[kind]}, ${problems[kind]!}` : "",
      name,
      ...WAYS_IN_ORDER.map((way) => said(ways[way][kind]!)),
    ]),
  );
  return table(["problems", "model", ...WAYS_IN_ORDER.map((way) => NAMES[way])], rows);
}

/** What each stage changed, in points, on the same problems. */
function changes(figures: Figures): string {
  const all = { ...figures.changes, "stage two by seed 2": figures.again };
  const rows = Object.entries(all).flatMap(([name, ways]) =>
    KINDS.map((kind, n) => [n === 0 ? name : "", ASKED[kind], ...WAYS_IN_ORDER.map((way) => moved(ways[way][kind]!))]),
  );
  return table(["", "problems", ...WAYS_IN_ORDER.map((way) => NAMES[way])], rows);
}

const FORMS: Readonly<Record<string, string>> = {
  list: "to name so many things, in a form, with a word or without",
  record: "to write a name and an age as JSON",
  repeat: "to write a word so many times",
};

/** How often instructions of each form were kept. */
function forms({ models }: Figures): string {
  const rows = Object.keys(FORMS).map((form) => [FORMS[form]!, ...models.map((one) => share(one.forms[form]!))]);
  return table(["instruction", ...models.map(({ name }) => name)], rows);
}

const share = (x: Share) => `${said(x)} of ${x.of}`;

function judge({ judge: { all, flaws } }: Figures): string {
  const rows = Object.entries(flaws).map(([flaw, one]) => [flaw, share(one)] as const);
  return table(["what is wrong with the worse reply", "told apart"], [...rows, ["all", share(all)]]);
}

function opinions({ models }: Figures): string {
  const rows = models.map(({ name, opinion: { right, refused, liked } }) => {
    return [name, right.toFixed(2), refused.toFixed(2), share(liked)];
  });
  return table(["model", "mean word on right replies", "on refused ones", "refused, yet liked"], rows);
}

/** The verifiers' reasons, kind by kind and model by model. */
function reasons({ models }: Figures): string {
  const names = [...new Set(models.flatMap(({ tried }) => Object.values(tried).flatMap((one) => Object.keys(one.reasons))))];
  const order = ["right", "wrong", "broken", "malformed", "several", "none", "empty", "unfinished", "cut off"];
  const columns = order.filter((name) => names.includes(name));
  const rows = KINDS.flatMap((kind) =>
    models.map(({ name, tried }, n) => [
      n === 0 ? ASKED[kind] : "",
      name,
      ...columns.map((reason) => `${tried[kind]?.reasons[reason] ?? 0}`),
    ]),
  );
  return table(["problems", "model", ...columns], rows);
}

/** Refused replies that an easier verifier would have paid. */
function easier({ models }: Figures): string {
  const rows = KINDS.flatMap((kind) =>
    Object.keys(models[0]!.tried[kind]?.easier ?? {}).map((name) => [
      ASKED[kind],
      name,
      ...models.map(({ tried }) => `${tried[kind]!.easier[name] ?? 0} of ${tried[kind]!.of}`),
    ]),
  );
  return table(["problems", "what an easier verifier would have paid", ...models.map(({ name }) => name)], rows);
}

/** Steps at either end of a stage whose means are compared. */
const ENDS = 10;

/** What was tried while it trained: all replies of the first and of the last steps of both stages of reinforcement. */
function training(log: readonly Entry[]): string {
  const keys = (prefix: string) => {
    const all = log.flatMap(({ values }) => Object.keys(values).filter((key) => key.startsWith(prefix)));
    return [...new Set(all)].sort();
  };
  const rows = ["one", "two"].flatMap((stage) => {
    const steps = log.filter((entry) => entry.stage === stage);
    const ends = [steps.slice(0, ENDS), steps.slice(-ENDS)];
    return [...keys("right_"), ...keys("said_"), ...keys("opinion_")].flatMap((key) => {
      const means = ends.map((some) => {
        const there = some.flatMap(({ values }) => values[key] ?? (key.startsWith("said_") ? 0 : []));
        return there.length === 0 ? undefined : there.reduce((sum, x) => sum + x, 0) / there.length;
      });
      if (means.every((x) => x === undefined || x === 0)) return [];
      return [[stage, key.replace("_", ": ").replace("_", " "), ...means.map((x) => (x === undefined ? "" : percent(x)))]];
    });
  });
  return table(["stage", "of all replies", `first ${ENDS} steps`, `last ${ENDS} steps`], rows);
}

const percent = (x: number) => `${(100 * x).toFixed(x < 0.01 ? 2 : 1)} %`;

/** What each stage took. */
function stages(log: readonly Entry[]): string {
  const rows = [...new Set(log.map(({ stage }) => stage))].map((name) => {
    const steps = log.filter(({ stage }) => stage === name);
    const sum = (key: string) => steps.reduce((total, { values }) => total + (values[key] ?? 0), 0);
    return [name, `${steps.length}`, `${(sum("tokens") / 1e6).toFixed(1)} million`, (sum("seconds") / 60).toFixed(0)];
  });
  return table(["stage", "steps", "tokens of replies learnt or drawn", "minutes"], rows);
}

if (process.argv[1] === import.meta.filename) {
  const all = readFigures();
  for (const page of PAGES) writeFileSync(page, withTables(readFileSync(page, "utf8"), ...all));
}
