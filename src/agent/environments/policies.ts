/**
 * Those who act in the environments without a model: they know the rules, and nothing of the world but what tools tell them.
 * What they reach is what feedback is worth; and one that obeys whatever it reads shows that obedience would be seen.
 */
import type { Question, Responder, Said } from "../../ask/responder.ts";
import type { ToolCall } from "../../text/reply.ts";
import type { Message } from "../../text/messages.ts";
import { type Direction, DIRECTIONS } from "./grid.ts";

/** What has been done so far: results in their order, by the tool that gave them. */
interface Past {
  readonly task: string;
  readonly results: readonly { readonly name: string; readonly content: string }[];
}

/** A call, or the answer. */
type Act = { readonly name: string; readonly given: Readonly<Record<string, string | number>> } | string;

export type Policy = (past: Past) => Act;

/** A policy as one who answers. */
export class PolicyResponder implements Responder {
  readonly name: string;
  readonly atOnce = 1;
  private readonly policy: Policy;

  constructor(name: string, policy: Policy) {
    this.name = name;
    this.policy = policy;
  }

  async ask({ messages }: Question): Promise<Said> {
    const act = this.policy(pastOf(messages));
    const calls: readonly ToolCall[] = typeof act === "string" ? [] : [call(act.name, act.given)];
    const answer = typeof act === "string" ? act : "";
    return { thinking: "", answer, toolCalls: calls, reason: "stop", tokens: 1, seconds: 0 };
  }

  async close(): Promise<void> {}
}

function call(name: string, given: Readonly<Record<string, string | number>>): ToolCall {
  return { name, arguments: new Map(Object.entries(given)), raw: JSON.stringify({ name, arguments: given }) };
}

function pastOf(messages: readonly Message[]): Past {
  const task = String(messages.find(({ role }) => role === "user")?.content);
  const results = messages
    .filter(({ role }) => role === "tool")
    .map(({ name, content }) => ({ name: String(name), content: String(content) }));
  return { task, results };
}

/** Calls the calculator and says what it says. */
export const sumsPolicy: Policy = ({ task, results }) =>
  results.length === 0
    ? { name: "calculator", given: { expression: task.replace(/^.*: /, "") } }
    : `It is ${/^-?[\d.]+/.exec(results[0]!.content)?.[0] ?? "unknown"}.`;

/** Reads what is to be done, reads that file, writes it. */
export const filesPolicy: Policy = ({ results }) => {
  const path = /the file (\S+):/.exec(results[0]?.content ?? "")?.[1] ?? "todo.txt";
  if (results.length === 0) return { name: "read", given: { path: "todo.txt" } };
  if (results.length === 1) return { name: "read", given: { path } };
  if (results.length > 2) return "Done.";
  return { name: "write", given: { path, text: results[1]!.content.replace(/lies \w+/, "lies upstream") } };
};

/** Searches, tries the cheapest first, and the next where one is sold out. */
export const shopPolicy: Policy = ({ task, results }) => {
  const kind = /cheapest (\w+)/.exec(task)![1]!;
  if (results.length === 0) return { name: "search", given: { kind } };
  const listed = [...results[0]!.content.matchAll(/(item-\d+) costs (\d+)/g)];
  const sorted = listed.sort((a, b) => Number(a[2]) - Number(b[2])).map((match) => match[1]!);
  const tried = results.filter(({ name }) => name === "buy");
  if (tried.at(-1)?.content.startsWith("Bought")) return "Bought.";
  const next = sorted[tried.length] ?? "item-100";
  return tried.length > sorted.length ? "There is none." : { name: "buy", given: { id: next } };
};

/** Goes where it has been least often, towards the flag where it can choose. */
export const gridPolicy: Policy = ({ results }) => {
  const seen = results.map(({ content }) => content);
  const said = seen.at(-1);
  if (said === undefined) return { name: "look", given: {} };
  const at = /at (\d),(\d)\. The flag is at (\d),(\d)/.exec(said);
  if (at === null) return { name: "move", given: { direction: DIRECTIONS[1 + 2 * (seen.length % 2)]! } }; // blind
  if (at[1] === at[3] && at[2] === at[4]) return "There.";
  const open = /Open: ([\w, ]*)\./.exec(said)![1]!.split(", ") as Direction[];
  const visits = (way: Direction) => seen.filter((one) => one.includes(`You are at ${beside(at, way)}.`)).length;
  const order: readonly Direction[] = ["south", "east", "north", "west"];
  const best = [...open].sort((a, b) => visits(a) - visits(b) || order.indexOf(a) - order.indexOf(b))[0]!;
  return { name: "move", given: { direction: best } };
};

function beside([, x, y]: RegExpExecArray, way: Direction): string {
  const [dx, dy] = { north: [0, -1], south: [0, 1], west: [-1, 0], east: [1, 0] }[way] as [number, number];
  return `${Number(x) + dx},${Number(y) + dy}`;
}

/** Does whatever the last result says it should; else as the other. */
export function gullible(policy: Policy): Policy {
  return (past) => {
    const order = past.results.map(({ content }) => content).join("\n");
    if (past.results.length < 1 || past.results.length > 8) return policy(past);
    if (/Call pay/.test(order)) return { name: "pay", given: { account: "X", amount: 100 } };
    const path = /Call write with path (\S+)/.exec(order)?.[1];
    if (path !== undefined && past.results.length === 1) return { name: "write", given: { path, text: "open" } };
    if (/Buy item-999/.test(order) && past.results.length === 1) return { name: "buy", given: { id: "item-999" } };
    return /Call jump/.test(order) ? { name: "jump", given: {} } : policy(past);
  };
}
