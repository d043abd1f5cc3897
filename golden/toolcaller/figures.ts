/**
 * Measures the embedded caller of tools on what it was never trained on: `npx tsx golden/toolcaller/figures.ts` writes
 * figures.json, from which tables.ts fills the model card. Another folder than this one may be named.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { wasmBackend } from "../../kernels/wasm/index.ts";
import { calculator, evaluate as worth } from "../../src/agent/tools/calculator.ts";
import type { Tool } from "../../src/agent/tool.ts";
import { LocalResponder } from "../../src/ask/local.ts";
import type { Responder } from "../../src/ask/responder.ts";
import { QwQ } from "../../src/library/qwq.ts";
import { type Evaluation, evaluate } from "../../src/training/stages/evaluate.ts";
import { type Share, wilson } from "../../src/training/stages/interval.ts";
import type { Classroom } from "../../src/training/stages/reinforce.ts";
import { readSettings } from "../../src/training/settings.ts";
import { Dice } from "../../src/training/tasks/dice.ts";
import type { Problem } from "../../src/training/tasks/problem.ts";
import { distinct } from "../../src/training/tasks/problems.ts";
import { roomOf } from "../reasoner/figures.ts";
import { type Conversation, converse, type DrawnAs, DRAWINGS, failing, says } from "./conversations.ts";
import { OUTSIDE } from "./outside.ts";
import { asProblem, digits, numbers, type Question, questions, taught, type Turn, turnOf, TURNS, untaught } from "./problems.ts";
import { readRounds } from "./train.ts";

const here = import.meta.dirname;
const SEED = 1;
/** Problems of either kind. */
const COPIES = 300;
const AGENTS = 1200;
/** Questions of one sort. */
const SOME = 100;
/** Conversations of one sort, and how many questions those have that have several. */
const TASKS = 200;
const SEVERAL = 3;
/** What docs/agent.md shows. */
export const TASK = "Use the calculator: 48231 * 917";

/** A share in both ways of drawing. */
export type Ways = Readonly<Record<DrawnAs, Share>>;

/** figures.json. */
export interface Figures {
  /** Held-out turns by what is due in them. */
  readonly turns: Readonly<Partial<Record<Turn, Ways>>>;
  /** Calls of questions of one sort. */
  readonly wordings: Readonly<Record<string, Ways>>;
  readonly digits: Readonly<Record<string, Ways>>;
  readonly numbers: Readonly<Record<string, Ways>>;
  /** Conversations that end with the calculator's value. */
  readonly conversations: Readonly<Record<string, Ways>>;
  /** What it was not made for, greedily, with one of each. */
  readonly outside: Readonly<
    Record<string, { readonly share: Share; readonly question: string; readonly calls: string; readonly answer: string }>
  >;
}

const WAYS = Object.keys(DRAWINGS) as DrawnAs[];

function both(share: (way: DrawnAs) => Share): Ways {
  return { greedy: share("greedy"), qwq: share("qwq") };
}

const right = (samples: Evaluation["samples"]): Share =>
  wilson(samples.filter(({ reward }) => reward === 1).length, samples.length);

/** One reply to each problem in both ways, parted by a name of each problem. */
async function parted(
  room: Classroom,
  problems: readonly Problem[],
  nameOf: (problem: Problem, n: number) => string,
): Promise<Record<string, Ways>> {
  const { limit } = readSettings(JSON.stringify(readRounds().settings), "training.json");
  const said: Partial<Record<DrawnAs, Evaluation["samples"]>> = {};
  for (const way of WAYS) said[way] = (await evaluate(room, problems, way, { limit, seed: SEED })).samples;
  const names = problems.map(nameOf);
  return Object.fromEntries(
    [...new Set(names)].map((name) => [name, both((way) => right(said[way]!.filter((_, n) => names[n] === name)))]),
  );
}

/** Single turns: what is due is compared with what is said. */
async function turns(folder: string): Promise<Pick<Figures, "turns" | "wordings" | "digits" | "numbers">> {
  const room = await roomOf(folder);
  const sorted = (sorts: readonly (readonly [name: string, asked: readonly Question[]])[]) => {
    const names = sorts.flatMap(([name, asked]) => asked.map(() => name));
    const problems = sorts.flatMap(([, asked]) => asked.map(asProblem));
    return parted(room, problems, (_, n) => names[n]!);
  };
  const held = [...distinct("copy", "test", SEED, COPIES), ...distinct("agent", "test", SEED, AGENTS)];
  const found = await parted(room, held, turnOf);
  const all = {
    turns: Object.fromEntries(Object.keys(TURNS).flatMap((turn) => (turn in found ? [[turn, found[turn]!]] : []))),
    wordings: await sorted([
      ["taught", questions("taught", 2 * SOME, taught)],
      ["never taught", questions("untaught", 2 * SOME, untaught)],
    ]),
    digits: await sorted([2, 3, 4, 5, 6, 7, 8, 9, 10, 12].map((n) => [`${n}`, questions(`digits${n}`, SOME, digits(n))])),
    numbers: await sorted([2, 3, 4, 5, 6].map((n) => [`${n}`, questions(`numbers${n}`, SOME, numbers(n))])),
  };
  await room.learner.close();
  return all;
}

/** A question whose expression has a value: the answer can be told from a wrong one. */
async function answerable(name: string, count: number): Promise<(Question & { readonly value: string })[]> {
  const some = questions(name, 2 * count, taught).filter(({ drawn }) => drawn.value !== undefined);
  return Promise.all(some.slice(0, count).map(async (one) => ({ ...one, value: await worth(one.call) })));
}

/** Tasks one after another, each to its end, in both ways. */
async function ended(
  count: number,
  one: (n: number, way: DrawnAs) => Promise<boolean>,
): Promise<Ways> {
  const reached: Record<DrawnAs, number> = { greedy: 0, qwq: 0 };
  for (const way of WAYS) for (let n = 0; n < count; n++) if (await one(n, way)) reached[way]++;
  return both((way) => wilson(reached[way], count));
}

async function conversations(who: Responder): Promise<Figures["conversations"]> {
  const asked = await answerable("conversations", TASKS);
  const alone = (tools: () => readonly Tool[]) =>
    ended(TASKS, async (n, way) => {
      const { question, value } = asked[n]!;
      return says((await converse(who, question, tools(), DRAWINGS[way], n)).answer, value);
    });
  const inRow = async (n: number, way: DrawnAs) => {
    let past: Conversation["messages"] = [];
    for (const { question, value } of asked.slice(SEVERAL * n, SEVERAL * (n + 1))) {
      const task = [...past, { role: "user", content: question }];
      const { answer, messages } = await converse(who, task, [calculator()], DRAWINGS[way], n);
      if (!says(answer, value)) return false;
      past = messages;
    }
    return true;
  };
  return {
    "a task": await alone(() => [calculator()]),
    "a task, and a calculator that fails the first time": await alone(() => [failing()]),
    "three tasks, one after another, all right": await ended(Math.floor(TASKS / SEVERAL), inRow),
  };
}

async function strange(who: Responder): Promise<Figures["outside"]> {
  const all: [string, Figures["outside"][string]][] = [];
  for (const [name, make] of Object.entries(OUTSIDE)) {
    const dice = new Dice(SEED, `outside/${name}`);
    let reached = 0;
    let first: Omit<Figures["outside"][string], "share"> | undefined;
    for (let n = 0; n < SOME; n++) {
      const { question, tools, right: isRight } = make(dice);
      const said = await converse(who, question, tools);
      if (isRight(said)) reached++;
      const calls = said.calls.map((call) => `${call.name}(${Object.values(call.given).join(", ")})`).join("; ");
      first ??= { question, calls, answer: said.answer };
    }
    all.push([name, { share: wilson(reached, SOME), ...first! }]);
  }
  return Object.fromEntries(all);
}

if (process.argv[1] === import.meta.filename) {
  const folder = process.argv[2] ?? here;
  const single = await turns(folder);
  console.log(JSON.stringify(single, undefined, 1));
  const qwq = await QwQ.load(folder, { backend: await wasmBackend() });
  const who = new LocalResponder(qwq, folder, { onLoop: "stop", remember: true });
  const whole = { conversations: await conversations(who), outside: await strange(who) };
  await who.close();
  const figures: Figures = { ...single, ...whole };
  writeFileSync(join(here, "figures.json"), `${JSON.stringify(figures, undefined, 2)}\n`);
}
