/**
 * Measures the models of the whole recipe on held-out problems of all kinds: `npx tsx golden/recipe/figures.ts FOLDER AGAIN`, of
 * what README.md's trainings have left, the whole one and stage two by another seed, writes figures.json, log.jsonl and the two
 * pictures, from which tables.ts fills the page and the essay.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLearner } from "../../kernels/training/index.ts";
import type { Learner } from "../../src/training/learner.ts";
import { curves } from "../../src/training/curves.ts";
import { line, readLog } from "../../src/training/log.ts";
import { readCheckpoint } from "../../src/training/checkpoint.ts";
import { configOf, readSettings } from "../../src/training/settings.ts";
import { evaluate, type Evaluation, type Way, WAYS } from "../../src/training/stages/evaluate.ts";
import { type Change, changed, type Share, wilson } from "../../src/training/stages/interval.ts";
import { verifiers } from "../../src/training/stages/judge.ts";
import { different } from "../../src/training/stages/lots.ts";
import { pairs } from "../../src/training/stages/pairs.ts";
import type { Classroom, Sample } from "../../src/training/stages/reinforce.ts";
import { RECIPE_KINDS as KINDS, type RecipeKind as Kind, type Problem } from "../../src/training/tasks/problem.ts";
import { CodeClient } from "../../src/verify/client.ts";
import { roomOf } from "../reasoner/figures.ts";
import { type Tried, tried } from "./tried.ts";

const here = import.meta.dirname;
const settings = readSettings(readFileSync(join(here, "settings.json")), "settings.json");
const SEED = 1;
/** Problems of each kind; of instructions there are no more that are held out. */
const COUNTS: Readonly<Record<Kind, number>> = { arithmetic: 600, story: 60, program: 200, instruction: 400, tool: 60 };
const PAIRS = 300;
/** What is measured, as the tables call it: the model of which stage. */
const MEASURED = { "cold start": "cold", "after stage one": "one", "after stage two": "two" } as const;
type Name = keyof typeof MEASURED;
/** What each stage changed: from which model to which. */
const CHANGES: Readonly<Record<string, readonly [from: Name, to: Name]>> = {
  "stage one": ["cold start", "after stage one"],
  "stage two": ["after stage one", "after stage two"],
};

type ByKind<X> = Readonly<Partial<Record<Kind, X>>>;
/** What changed from one model to another. */
type Changes = Readonly<Record<Way, ByKind<Change>>>;

/** What the reward model makes of replies that the verifiers called right, and of those they refused. */
export interface Opinion {
  readonly right: number;
  readonly refused: number;
  /** Of the refused ones, those that it would rather see than not: sigmoid(r) above 1/2. */
  readonly liked: Share;
}

export interface Measured {
  readonly name: string;
  readonly ways: Readonly<Record<Way, ByKind<Share>>>;
  /** Mean tokens of a reply at temperature 1. */
  readonly length: number;
  /** At temperature 1. */
  readonly tried: ByKind<Tried>;
  /** Of instructions at temperature 1: each of their forms. */
  readonly forms: Readonly<Record<string, Share>>;
  readonly opinion: Opinion;
}

/** figures.json. */
export interface Figures {
  readonly problems: ByKind<number>;
  readonly models: readonly Measured[];
  /** What each stage changed, problem by problem. */
  readonly changes: Readonly<Record<string, Changes>>;
  /** What stage two changed by another seed. */
  readonly again: Changes;
  /** How often the reward model tells the better of two replies to a problem it has not seen, by what is wrong with the worse. */
  readonly judge: { readonly all: Share; readonly flaws: Readonly<Record<string, Share>> };
}

const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
const ofKind = <X extends { readonly problem: Problem }>(samples: readonly X[], kind: Kind) =>
  samples.filter(({ problem }) => problem.kind === kind);

/** Every kind that was asked, by `f`. */
async function byKind<X>(samples: readonly Sample[], f: (own: Sample[]) => X | Promise<X>): Promise<ByKind<X>> {
  const all: Partial<Record<Kind, X>> = {};
  for (const kind of KINDS) if (ofKind(samples, kind).length > 0) all[kind] = await f(ofKind(samples, kind));
  return all;
}

/** A reply's worth to the reward model, between 0 and 1. */
async function liking(critic: Learner, { chat }: Classroom, samples: readonly Sample[]): Promise<number[]> {
  const whole = samples.map(({ problem, ids }) => Uint32Array.of(...chat.prompt(problem), ...ids));
  return [...(await critic.rewards(whole))].map((r) => 1 / (1 + Math.exp(-r)));
}

async function opinionOf(critic: Learner, room: Classroom, samples: readonly Sample[]): Promise<Opinion> {
  const open = [...ofKind(samples, "instruction"), ...ofKind(samples, "tool")];
  const said = await liking(critic, room, open);
  const of = (right: boolean) => said.filter((_, i) => (open[i]!.reward === 1) === right);
  const liked = wilson(of(false).filter((p) => p > 0.5).length, of(false).length);
  return { right: mean(of(true)), refused: mean(of(false)), liked };
}

type Evaluations = Readonly<Record<Way, Evaluation>>;

/** All three ways of one model. */
async function evaluations(room: Classroom, problems: readonly Problem[], limit: number): Promise<Evaluations> {
  const all: Partial<Record<Way, Evaluation>> = {};
  for (const way of Object.keys(WAYS) as Way[]) all[way] = await evaluate(room, problems, way, { limit, seed: SEED });
  return all as Evaluations;
}

/** Which problems were right, kind by kind and way by way. */
type Right = Readonly<Record<Way, Readonly<Record<Kind, readonly boolean[]>>>>;

const byWay = <X>(f: (way: Way) => X) =>
  Object.fromEntries((Object.keys(WAYS) as Way[]).map((way) => [way, f(way)])) as Record<Way, X>;
/** How often instructions of each form were kept; a problem's key begins with its form (instructions.ts). */
function formsOf(samples: readonly Sample[]): Readonly<Record<string, Share>> {
  const form = ({ problem }: Sample) => problem.key.split(" ")[0]!;
  return Object.fromEntries(
    [...new Set(samples.map(form))].sort().map((name) => {
      const own = samples.filter((one) => form(one) === name);
      return [name, wilson(own.filter(({ reward }) => reward === 1).length, own.length)];
    }),
  );
}

const everyKind = <X>(f: (kind: Kind) => X) => Object.fromEntries(KINDS.map((kind) => [kind, f(kind)])) as Record<Kind, X>;

function rightOf(all: Evaluations): Right {
  return byWay((way) => everyKind((kind) => ofKind(all[way].samples, kind).map(({ reward }) => reward === 1)));
}

function changesOf(before: Right, after: Right): Changes {
  return byWay((way) => everyKind((kind) => changed(before[way][kind], after[way][kind])));
}

/** How well the reward model tells pairs of problems that nobody has trained on. */
async function judgeOf(critic: Learner, { chat }: Classroom): Promise<Figures["judge"]> {
  const choice = { mixture: settings.two.mixture, digits: settings.digits };
  const asked = pairs("held out", "test", choice, PAIRS);
  const worth = (which: "chosen" | "rejected") =>
    critic.rewards(asked.map((pair) => Uint32Array.of(...chat.prompt(pair.problem), ...chat.reply(pair[which]))));
  const [better, worse] = [await worth("chosen"), await worth("rejected")];
  const told = asked.map(({ flaws }, i) => ({ flaw: flaws.rejected, right: better[i]! > worse[i]! }));
  const share = (some: readonly { readonly right: boolean }[]) => wilson(some.filter(({ right }) => right).length, some.length);
  const flaws = [...new Set(told.map(({ flaw }) => flaw))].sort();
  return { all: share(told), flaws: Object.fromEntries(flaws.map((flaw) => [flaw, share(told.filter((one) => one.flaw === flaw))])) };
}

/** What measuring one model gives, kept so that a run that was cut goes on. */
interface Found {
  readonly measured: Measured;
  readonly right: Right;
  readonly judge: Figures["judge"];
}

async function measureOne(name: Name, folder: string, problems: readonly Problem[], server: CodeClient): Promise<Found> {
  const stage = MEASURED[name];
  const kept = join(folder, `${stage}-figures.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, "utf8")) as Found;
  const { parameters } = readCheckpoint(join(folder, "judge.safetensors")).state;
  const room = await roomOf(join(folder, stage), verifiers(server));
  const critic = await openLearner(parameters, configOf(settings, room.chat.tokenizer.size));
  const all = await evaluations(room, problems, settings.limit);
  const { samples, length } = all.sampled;
  const ways = byWay((way) => all[way].kinds) as Measured["ways"];
  const opinion = await opinionOf(critic, room, samples);
  const forms = formsOf(ofKind(samples, "instruction"));
  const measured = { name, ways, length, tried: await byKind(samples, (own) => tried(own, server)), forms, opinion };
  const found = { measured, right: rightOf(all), judge: await judgeOf(critic, room) };
  await room.learner.close();
  await critic.close();
  writeFileSync(kept, JSON.stringify(found));
  console.log(name, JSON.stringify(ways));
  return found;
}

async function measure(folder: string, again: string, server: CodeClient): Promise<Figures> {
  const only = (kind: Kind) => ({ arithmetic: 0, story: 0, program: 0, instruction: 0, tool: 0, agent: 0, copy: 0, [kind]: 1 });
  const asked = (kind: Kind) => different("test", { mixture: only(kind), digits: settings.digits }, COUNTS[kind], SEED);
  const problems = KINDS.flatMap(asked);
  const found = new Map<Name, Found>();
  for (const name of Object.keys(MEASURED) as Name[]) found.set(name, await measureOne(name, folder, problems, server));
  const other = await measureOne("after stage two", again, problems, server);
  const right = (name: Name) => found.get(name)!.right;
  const changes = Object.entries(CHANGES).map(([name, [from, to]]) => [name, changesOf(right(from), right(to))]);
  return {
    problems: everyKind((kind) => problems.filter((problem) => problem.kind === kind).length),
    models: [...found.values()].map(({ measured }) => measured),
    changes: Object.fromEntries(changes) as Figures["changes"],
    again: changesOf(right("after stage one"), other.right),
    judge: found.get("cold start")!.judge,
  };
}

if (process.argv[1] === import.meta.filename) {
  const [folder, again] = process.argv.slice(2);
  if (folder === undefined || again === undefined) throw new Error("usage: figures.ts FOLDER AGAIN (README.md)");
  const server = await CodeClient.start();
  const figures = await measure(folder, again, server);
  await server.close();
  writeFileSync(join(here, "figures.json"), `${JSON.stringify(figures, undefined, 2)}\n`);
  const log = readLog(join(folder, "log.jsonl"));
  writeFileSync(join(here, "log.jsonl"), log.map((entry) => `${line(entry)}\n`).join(""));
  writeFileSync(join(here, "cold.svg"), curves(log.filter(({ stage }) => stage === "cold")));
  writeFileSync(join(here, "reinforcement.svg"), curves(log.filter(({ stage }) => stage !== "cold")));
}
