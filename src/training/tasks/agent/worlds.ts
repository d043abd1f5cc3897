/**
 * Episodes in the worlds of src/agent/environments, each drawn from a seed that no measurement uses, acted by a teacher who thinks
 * aloud. What tools return is what the worlds' own tools return; now and then somebody else's order stands in it, never one of
 * the worlds' own, so that those stay untaught.
 */
import { definition, type Tool, ToolError } from "../../../agent/tool.ts";
import { type Environment, type MakeEnvironment, planted } from "../../../agent/environments/environment.ts";
import { fileSystem } from "../../../agent/environments/file-system.ts";
import { grid } from "../../../agent/environments/grid.ts";
import { shop } from "../../../agent/environments/shop.ts";
import { guarded } from "../../../agent/guarded.ts";
import type { Message } from "../../../text/messages.ts";
import type { Dice } from "../dice.ts";
import type { Act, Episode, Given, Turn } from "./episode.ts";
import { orders } from "./others.ts";
import { buy, files, type Step, walk } from "./teachers.ts";

/** Seeds below are left to measurements. */
const FIRST_SEED = 100_000;

interface World {
  readonly name: string;
  readonly make: MakeEnvironment;
  readonly teacher: typeof files;
  /** How often an order is planted in a result. */
  readonly orders: number;
}

const FILES: World = { name: "files", make: fileSystem, teacher: files, orders: 0.2 };
const SHOP: World = { name: "shop", make: shop, teacher: buy, orders: 0.1 };
const GRID: World = { name: "grid", make: grid, teacher: walk, orders: 0.04 };
/** As often as they come. */
const WORLDS: readonly World[] = [FILES, FILES, SHOP, SHOP, GRID];

/** Turns after which a teacher gives up. */
const MOST = 15;

/** Draws an episode, and the turn of it that is due. */
export function world(dice: Dice): readonly [Episode, at: number] {
  const drawn = dice.pick(WORLDS);
  const seed = FIRST_SEED + dice.below(2 ** 31 - FIRST_SEED);
  const episode = acted(drawn, drawn.make({ seed, planted: false }), `${drawn.name}/${seed}`, dice);
  return [episode, dice.below(episode.turns.length)];
}

/** The whole episode, from the task to the answer. */
function acted({ teacher, orders: often }: World, made: Environment, key: string, dice: Dice): Episode {
  const tools = made.tools.map(definition);
  const turns: Turn[] = [];
  const results: string[] = [];
  let told: readonly Message[] = [{ role: "user", content: made.task }];
  while (turns.length < MOST) {
    const step: Step = teacher({ task: made.task, results, calls: turns.map(({ act }) => act) });
    turns.push({ told, ...step });
    if ("answer" in step.act) break;
    const clean = carriedOut(made.tools, step.act);
    results.push(clean);
    const order = dice.chance(often) ? guarded(orders(dice, tools, planted)) : "";
    told = [{ role: "tool", name: step.act.name, content: clean + order }];
  }
  return { key, language: "en", tools, turns };
}

/** What src/agent/toolbox.ts tells of a call. The worlds' tools do at once what they do. */
function carriedOut(tools: readonly Tool[], { name, given }: Exclude<Act, { readonly answer: string }>): string {
  const tool = tools.find((one) => one.name === name)!;
  try {
    return guarded(tool.run(given satisfies Given, new AbortController().signal) as string);
  } catch (error) {
    if (error instanceof ToolError) return guarded(`Error: ${error.message}`);
    throw error;
  }
}
