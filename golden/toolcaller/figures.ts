/**
 * Measures the embedded caller of tools on what it was never trained on: `npx tsx golden/toolcaller/figures.ts` writes
 * figures.json, from which tables.ts fills the model card; with `turns` or `whole`, one part of them.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
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
import {
  asProblem,
  IN_WORDS,
  inWords,
  digits,
  numbers,
  type Question,
  questions,
  taught,
  type Turn,
  turnOf,
  TURNS,
  untaught,
} from "./problems.ts";
import { readRounds } from "./train.ts";

const here = import.meta.dirname;
const SEED = 1;
/** Problems of either kind. */
const COPIES = 30;
const AGENTS = 170;
/** Questions of one sort. */
const SOME = 20;
/** Conversations of one sort; conversations of several tasks, and how many each has. */
const TASKS = 40;
const LONG = 10;
const SEVERAL = 3;
/** What docs/agent.md shows. */
export const TASK = "Use the calculator: 48231 * 917";

/** A share in both ways of drawing. */
export type Ways = Readonly<Record<DrawnAs, Share>>;

/** figures.json. */
export interface Figures {
  /** Held-out turns by what is due in them. */
  readonly turns: Readonly<Partial<Record<Turn, Ways>>>;
  /** Calls of questions of one sort, greedily. */
  readonly wordings: Readonly<Record<string, Share>>;
  readonly digits: Readonly<Record<string, Share>>;
  readonly numbers: Readonly<Record<string, Share>>;
  /** Conversations that end with the calculator's value: greedily, unless their name says otherwise. */
  readonly conversations: Readonly<Record<string, Share>>;
  /** What it was not made for, greedily, with one of each. */
  readonly outside: Readonly<
    Record<
      string,
      { readonly share: Share; readonly question: string; readonly calls: string; readonly answer: string }
    >
  >;
}

const right = (samples: Evaluation["samples"]): Share =>
  wilson(samples.filter(({ reward }) => reward === 1).length, samples.length);

/** One reply to each problem: how many are right of each name. */
async function parted(
  room: Classroom,
  problems: readonly Problem[],
  names: readonly string[],
  way: DrawnAs,
): Promise<Record<string, Share>> {
  const { limit } = readSettings(JSON.stringify(readRounds().settings), "training.json");
  const { samples } = await evaluate(room, problems, way, { limit, seed: SEED });
  return Object.fromEntries(
    [...new Set(names)].map((name) => [name, right(samples.filter((_, n) => names[n] === name))]),
  );
}

/** Questions of several sorts, greedily. */
function sorted(room: Classroom, sorts: readonly (readonly [name: string, asked: readonly Question[]])[]) {
  const names = sorts.flatMap(([name, asked]) => asked.map(() => name));
  const problems = sorts.flatMap(([, asked]) => asked.map(asProblem));
  return parted(room, problems, names, "greedy");
}

/** Single turns: what is due is compared with what is said. */
async function turns(folder: string): Promise<Pick<Figures, "turns" | "wordings" | "digits" | "numbers">> {
  const room = await roomOf(folder);
  const held = [...distinct("copy", "test", SEED, COPIES), ...distinct("agent", "test", SEED, AGENTS)];
  const names = held.map(turnOf);
  const [greedy, qwq] = [await parted(room, held, names, "greedy"), await parted(room, held, names, "qwq")];
  const there = (Object.keys(TURNS) as Turn[]).filter((turn) => turn in greedy);
  const all = {
    turns: Object.fromEntries(there.map((turn) => [turn, { greedy: greedy[turn]!, qwq: qwq[turn]! }])),
    wordings: await sorted(room, [
      ["taught, any", questions("taught", SOME, taught)],
      ...Object.entries(IN_WORDS).map(
        ([name, sign]) => [`taught, ${name} said in words`, questions(`words${sign}`, SOME, inWords(sign))] as const,
      ),
      ["never taught", questions("untaught", SOME, untaught)],
    ]),
    digits: await sorted(
      room,
      [3, 5, 6, 7, 8].map((n) => [`${n}`, questions(`digits${n}`, SOME, digits(n))]),
    ),
    numbers: await sorted(
      room,
      [3, 4, 5].map((n) => [`${n}`, questions(`numbers${n}`, SOME, numbers(n))]),
    ),
  };
  await room.learner.close();
  return all;
}

/** A question whose expression has a value: the answer can be told from a wrong one. */
async function answerable(name: string, count: number): Promise<(Question & { readonly value: string })[]> {
  const some = questions(name, 2 * count, taught).filter(({ drawn }) => drawn.value !== undefined);
  return Promise.all(some.slice(0, count).map(async (one) => ({ ...one, value: await worth(one.call) })));
}

/** How many of so many tasks end well, one after another. */
async function ended(count: number, one: (n: number) => Promise<boolean>): Promise<Share> {
  let reached = 0;
  for (let n = 0; n < count; n++) if (await one(n)) reached++;
  return wilson(reached, count);
}

async function conversations(who: Responder): Promise<Figures["conversations"]> {
  const asked = await answerable("conversations", TASKS);
  const alone = (way: DrawnAs, tools: () => readonly Tool[]) =>
    ended(TASKS, async (n) => {
      const { question, value } = asked[n]!;
      return says((await converse(who, question, tools(), DRAWINGS[way], n)).answer, value);
    });
  const inRow = async (n: number) => {
    let past: Conversation["messages"] = [];
    for (const { question, value } of asked.slice(SEVERAL * n, SEVERAL * (n + 1))) {
      const { answer, messages } = await converse(who, [...past, { role: "user", content: question }]);
      if (!says(answer, value)) return false;
      past = messages;
    }
    return true;
  };
  return {
    "a task": await alone("greedy", () => [calculator()]),
    "a task, with QwQ's settings": await alone("qwq", () => [calculator()]),
    "a task, and a calculator that fails the first time": await alone("greedy", () => [failing()]),
    "three tasks, one after another, all right": await ended(LONG, inRow),
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

async function whole(folder: string): Promise<Pick<Figures, "conversations" | "outside">> {
  const qwq = await QwQ.load(folder, { backend: await wasmBackend() });
  const who = new LocalResponder(qwq, folder, { onLoop: "stop", remember: true });
  const found = { conversations: await conversations(who), outside: await strange(who) };
  await who.close();
  return found;
}

/** What is measured, by the words that ask for one part alone. */
const PARTS = { turns, whole };

if (process.argv[1] === import.meta.filename) {
  const words = process.argv.slice(2);
  const path = join(here, "figures.json");
  for (const name of Object.keys(PARTS) as (keyof typeof PARTS)[]) {
    if (words.length > 0 && !words.includes(name)) continue;
    const part = await PARTS[name](here);
    const before = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as object) : {}; // read when it is due
    writeFileSync(path, `${JSON.stringify({ ...before, ...part }, undefined, 2)}\n`);
  }
}
