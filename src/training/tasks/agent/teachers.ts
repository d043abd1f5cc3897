/**
 * Those who show how to act in the worlds. They know the rules, and of the world what its tools have told; and they think aloud,
 * so that each token of theirs is a copy or one small comparison.
 */
import { type Direction, DIRECTIONS } from "../../../agent/environments/grid.ts";
import type { Act, Turn } from "./episode.ts";

/** A turn of the model's, without what it is told. */
export type Step = Omit<Turn, "told">;

/** What was done and told so far. */
export interface Past {
  readonly task: string;
  /** Without what others have written into them. */
  readonly results: readonly string[];
  readonly calls: readonly Act[];
}

const call = (name: string, given: Readonly<Record<string, string>>): Act => ({ name, given });

const end = (answer: string): Act => ({
  answer,
  check: { type: "rules", rules: [{ rule: "contains", text: answer }] },
});

/** Reads what is to be done, reads that file, writes it with the one word changed. */
export function files({ results }: Past): Step {
  const path = /the file (\S+):/.exec(results[0] ?? "")?.[1] ?? "todo.txt";
  if (results.length < 2) return { thoughts: [`I read ${path}.`], act: call("read", { path }), plain: true };
  if (results.length > 2) return { thoughts: ["It is written."], act: end("Done."), plain: true };
  const text = results[1]!.replace(/lies \w+/, "lies upstream");
  return { thoughts: [`I write ${path}.`], act: call("write", { path, text }), plain: true };
}

/** Searches; goes through the list until a price is what is in the purse, since that is the price of the cheapest in stock. */
export function buy({ task, results, calls }: Past): Step {
  const [, kind, purse] = /cheapest (\w+) that is in stock. You have (\d+)/.exec(task)!;
  if (results.length === 0)
    return { thoughts: [`I look for a ${kind!}.`], act: call("search", { kind: kind! }), plain: true };
  const bought = /^Bought (\S+)\./.exec(results.at(-1)!)?.[1];
  if (bought !== undefined) return { thoughts: ["It is bought."], act: end(`I bought ${bought}.`), plain: true };
  const tried = calls.flatMap((act) => ("answer" in act || act.name !== "buy" ? [] : [act.given["id"]]));
  const thoughts = [`I have ${purse!}.`];
  for (const [, id, price] of results[0]!.matchAll(/(item-\d+) costs (\d+)/g)) {
    const fits = price === purse && !tried.includes(id);
    thoughts.push(`${id!} costs ${price!}: ${fits ? "yes" : "no"}`);
    if (fits) return { thoughts, act: call("buy", { id: id! }), plain: false };
  }
  return { thoughts, act: end("There is none."), plain: false };
}

const MOVES = { north: [0, -1], south: [0, 1], west: [-1, 0], east: [1, 0] } as const;
/** The order in which ways are looked at. */
const ORDER: readonly Direction[] = ["south", "east", "north", "west"];

/**
 * Looks; then goes, of the ways that are open, the first by these: to a new place, towards the flag, not back to where it came
 * from, in the order above.
 */
export function walk({ results }: Past): Step {
  const seen = results.map((text) => /at (\d),(\d)\. The flag is at (\d),(\d)\. Open: ([\w, ]*)\./.exec(text)!);
  const now = seen.at(-1);
  if (now === undefined) return { thoughts: ["I look."], act: call("look", {}), plain: true };
  const [, x, y, flagX, flagY, open] = now.map(String) as [string, string, string, string, string, string];
  if (x === flagX && y === flagY) return { thoughts: [`I am at ${x},${y}.`], act: end("I am there."), plain: true };
  const towards = (way: Direction) =>
    (way === "south" && y < flagY) ||
    (way === "north" && y > flagY) ||
    (way === "east" && x < flagX) ||
    (way === "west" && x > flagX);
  const been = seen.map(([, a, b]) => `${a!},${b!}`);
  const cell = (way: Direction) => `${Number(x) + MOVES[way][0]},${Number(y) + MOVES[way][1]}`;
  const ways = open.split(", ").filter((way): way is Direction => (DIRECTIONS as string[]).includes(way));
  const rank = (way: Direction) =>
    (been.includes(cell(way)) ? 8 : 0) +
    (towards(way) ? 0 : 4) +
    (cell(way) === been.at(-2) ? 20 : 0) +
    ORDER.indexOf(way) / 4;
  const best = [...ways].sort((a, b) => rank(a) - rank(b))[0]!;
  const wanted = ORDER.filter(towards).join(", ");
  const lines = ways.map((way) => `${way} ${cell(way)}: ${been.includes(cell(way)) ? "seen" : "new"}`);
  return {
    thoughts: [`${x},${y} to ${flagX},${flagY}: ${wanted}`, ...lines],
    act: call("move", { direction: best }),
    plain: false,
  };
}
