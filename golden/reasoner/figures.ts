/**
 * Measures trained models on held-out problems: `npx tsx golden/reasoner/figures.ts NAME=FOLDER ...` writes figures.json, from
 * which tables.ts fills the model card and the README. The last one named is the model that comes with the package. With --add
 * the models named are put before the last of those that stand there already; --controls adds those of controls.ts.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLearner } from "../../kernels/training/index.ts";
import { openText } from "../../src/files/text-files.ts";
import { QwQ } from "../../src/library/qwq.ts";
import { importModel, stopIds } from "../../src/training/export.ts";
import { type Evaluation, evaluate, type Way, WAYS } from "../../src/training/stages/evaluate.ts";
import { type Share, wilson } from "../../src/training/stages/interval.ts";
import { type Judge, verifiers } from "../../src/training/stages/judge.ts";
import { different } from "../../src/training/stages/lots.ts";
import type { Classroom } from "../../src/training/stages/reinforce.ts";
import { readSettings } from "../../src/training/settings.ts";
import { Dice } from "../../src/training/tasks/dice.ts";
import type { Problem } from "../../src/training/tasks/problem.ts";
import { TaskTokenizer } from "../../src/training/tokenizer.ts";
import { allControls, folderOf } from "./controls.ts";
import { OUTSIDE, outside } from "./outside.ts";
import { readRounds } from "./train.ts";

const here = import.meta.dirname;
/** What the README shows. */
export const QUESTION = "What is 347 + 586?";
const FIGURES = join(here, "figures.json");
const SEED = 1;
const PROBLEMS = 600;

export interface Measured {
  readonly name: string;
  readonly ways: Readonly<Record<Way, Share>>;
  /** Mean tokens of a reply at temperature 1. */
  readonly length: number;
}

/** figures.json. */
export interface Figures {
  readonly problems: number;
  readonly models: readonly Measured[];
  /** Of the last model at QwQ's settings: each wording, and each operation. */
  readonly wordings: Readonly<Record<string, Share>>;
  readonly operations: Readonly<Record<string, Share>>;
  /** Of the last model at QwQ's settings: what it was not made for, with a reply of each. */
  readonly outside: readonly { readonly name: string; readonly share: Share; readonly question: string; readonly reply: string }[];
  /** What it says to the README's question: `qwq run --seed 1`. */
  readonly answer: { readonly question: string; readonly thinking: string; readonly answer: string };
}

/** A model as a class sees it. */
export async function roomOf(folder: string, judge: Judge = verifiers()): Promise<Classroom> {
  const { config, parameters } = importModel(folder);
  const { vocabulary, template } = openText(folder);
  const chat = new TaskTokenizer(vocabulary!, template!);
  return { learner: await openLearner(parameters, config), chat, stop: stopIds(vocabulary!), judge };
}

const question = ({ messages }: Problem) => String(messages.at(-1)!.content);

/** A problem's wording without its numbers: "What is _?" */
function wordingOf(problem: Problem): string {
  return question(problem)
    .replace(/\d+\s*[-+*×]\s*\d+/, "_")
    .replace(/\s/g, "")
    .replace("Whatis_?", "What is _?")
    .replace("Calculate_.", "Calculate _.");
}

const operationOf = (problem: Problem) => /[-+*×]/.exec(question(problem))![0].replace("*", "×");

/** The evaluation's shares by a name of each problem. */
function parted(evaluation: Evaluation, by: (problem: Problem) => string): Record<string, Share> {
  const names = [...new Set(evaluation.samples.map(({ problem }) => by(problem)))].sort();
  const of = (name: string) => evaluation.samples.filter(({ problem }) => by(problem) === name);
  return Object.fromEntries(
    names.map((name) => [name, wilson(of(name).filter(({ reward }) => reward === 1).length, of(name).length)]),
  );
}

/** What all are asked: the same held-out problems. */
function asked(): { readonly problems: readonly Problem[]; readonly limit: number } {
  const { limit, digits, one } = readSettings(JSON.stringify(readRounds().settings), "training.json");
  return { problems: different("test", { mixture: one.mixture, digits }, PROBLEMS, SEED), limit };
}

/** One model in all ways, and its replies at QwQ's settings. */
async function measured(name: string, room: Classroom): Promise<readonly [Measured, Evaluation]> {
  const { problems, limit } = asked();
  const all: Partial<Record<Way, Evaluation>> = {};
  for (const way of Object.keys(WAYS) as Way[]) {
    all[way] = await evaluate(room, problems, way, { limit, seed: SEED });
    console.log(name, way, all[way].all);
  }
  const ways = Object.fromEntries(Object.entries(all).map(([way, evaluation]) => [way, evaluation.all]));
  return [{ name, ways: ways as Record<Way, Share>, length: all.sampled!.length }, all.qwq!];
}

async function measure(named: readonly (readonly [string, string])[]): Promise<Figures> {
  const { problems, limit } = asked();
  const models: Measured[] = [];
  let last: Evaluation | undefined;
  let beyond: Figures["outside"] = [];
  for (const [name, folder] of named) {
    const room = await roomOf(folder);
    const [model, replies] = await measured(name, room);
    models.push(model);
    last = replies;
    if (name === named.at(-1)![0]) beyond = await strange(room, limit);
    await room.learner.close();
  }
  const [wordings, operations] = [parted(last!, wordingOf), parted(last!, operationOf)];
  return { problems: problems.length, models, wordings, operations, outside: beyond, answer: await said(named.at(-1)![1]) };
}

/** The figures that there are, with more models before the last: controls, other seeds. */
async function added(named: readonly (readonly [string, string])[]): Promise<Figures> {
  const there = JSON.parse(readFileSync(FIGURES, "utf8")) as Figures;
  const more: Measured[] = [];
  for (const [name, folder] of named) {
    const room = await roomOf(folder);
    more.push((await measured(name, room))[0]);
    await room.learner.close();
  }
  const others = there.models.filter(({ name }) => more.every((one) => one.name !== name));
  return { ...there, models: [...others.slice(0, -1), ...more, ...others.slice(-1)] };
}

/** How it fares where it has learnt nothing. */
async function strange(room: Classroom, limit: number): Promise<Figures["outside"]> {
  const all: Figures["outside"][number][] = [];
  for (const [name, make] of Object.entries(OUTSIDE)) {
    const asked = outside(new Dice(SEED, name), make, 100);
    const { all: share, samples } = await evaluate(room, asked, "qwq", { limit, seed: SEED });
    all.push({ name, share, question: question(samples[0]!.problem), reply: samples[0]!.text });
  }
  return all;
}

async function said(folder: string): Promise<Figures["answer"]> {
  const qwq = await QwQ.load(folder);
  const { thinking, answer } = await qwq.answer(QUESTION, { seed: SEED });
  qwq.close();
  return { question: QUESTION, thinking, answer };
}

if (process.argv[1] === import.meta.filename) {
  const words = process.argv.slice(2);
  const controls = words.includes("--controls");
  const named = controls
    ? allControls().map((control): [string, string] => [control.said, join(folderOf(control), control.stage)])
    : words.filter((word) => word !== "--add").map((word) => word.split("=") as [string, string]);
  const figures = await (controls || words.includes("--add") ? added(named) : measure(named));
  writeFileSync(FIGURES, `${JSON.stringify(figures, undefined, 2)}\n`);
}
