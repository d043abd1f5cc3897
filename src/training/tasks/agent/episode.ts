/**
 * Episodes of an agent, as problems: what was asked, called and told so far, word for word as src/agent/agent.ts tells it, and the
 * turn that is due. The turns before it are learnt from too, where they are right: a conversation is read once, and
 * teaches several calls.
 */
import type { Content, Message } from "../../../text/messages.ts";
import type { Check } from "../../../verify/check.ts";
import type { ToolSchema } from "../../../verify/calls.ts";
import type { Dice } from "../dice.ts";
import { CALCULATOR } from "../tools.ts";
import { type Kind, type Language, type Problem, reply } from "../problem.ts";

export type Given = Readonly<Record<string, string | number>>;

/** What a turn does: a call, or the answer with what tells it from a wrong one. */
export type Act =
  | { readonly name: string; readonly given: Given }
  | { readonly answer: string; readonly check: Exclude<Check, { readonly type: "program" | "calls" }> };

/** A turn of the model's, and what it is told before. */
export interface Turn {
  readonly told: readonly Message[];
  readonly thoughts: readonly string[];
  readonly act: Act;
  /** Whether it is also learnt from where it is past; else it is a mistake, or follows from thoughts that are gone. */
  readonly plain: boolean;
  /** The turn as it stands in what is past, where that is not a readable call. */
  readonly past?: string | undefined;
}

export interface Episode {
  readonly key: string;
  readonly language: Language;
  /** What the prompt shows of tools. */
  readonly tools: readonly Content[];
  readonly turns: readonly Turn[];
}

/** The problem whose reply is the turn at this place. */
export function problemOf({ key, language, tools, turns }: Episode, at: number, kind: Kind = "agent"): Problem {
  const past = turns.slice(0, at);
  const { told, thoughts, act } = turns[at]!;
  return {
    kind,
    key,
    language,
    messages: [...past.flatMap((turn) => [...turn.told, pastOf(turn)]), ...told],
    tools: tools.length === 0 ? undefined : tools,
    learnt: past.flatMap(({ plain }, i) => (plain ? [i] : [])),
    answer: textOf(act),
    check: "answer" in act ? act.check : checkOf(act, tools),
    solution: (slip) => reply(thoughts, textOf(slip === undefined ? act : spoiled(act, tools, slip))),
  };
}

/** A call as QwQ's template writes it. */
export function callText(name: string, given: Given): string {
  const fields = Object.entries(given).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{"name": "${name}", "arguments": {${fields.join(", ")}}}`;
}

function textOf(act: Act): string {
  return "answer" in act ? act.answer : `<tool_call>\n${callText(act.name, act.given)}\n</tool_call>`;
}

function pastOf({ act, past }: Turn): Message {
  if (past !== undefined) return { role: "assistant", content: past };
  if ("answer" in act) return { role: "assistant", content: act.answer };
  const call: Content = { type: "function", function: { name: act.name, arguments: act.given } };
  return { role: "assistant", content: "", tool_calls: [call] };
}

function checkOf({ name, given }: Exclude<Act, { readonly answer: string }>, tools: readonly Content[]): Check {
  const known = tools.length === 0 ? [CALCULATOR] : tools; // where nothing is shown, the one that is meant
  const bare = known.map(functionOf).map(({ name: own, parameters }) => ({ name: own, parameters }));
  return { type: "calls", calls: [{ name, arguments: given }], tools: bare };
}

/** The function of a tool that a chat template takes. */
export function functionOf(tool: Content): ToolSchema {
  return (tool as unknown as { readonly function: ToolSchema }).function;
}

/** The act with another digit in it, or what else makes it wrong. */
function spoiled(act: Act, tools: readonly Content[], dice: Dice): Act {
  if (!("answer" in act)) {
    const names = Object.keys(act.given);
    if (names.length === 0) return other(act.name, tools);
    const key = dice.pick(names);
    return { ...act, given: { ...act.given, [key]: otherText(`${act.given[key]!}`, dice) } };
  }
  return { ...act, answer: act.check.type === "answer" ? otherText(act.answer, dice) : "No." };
}

/** A call of another tool. */
function other(name: string, tools: readonly Content[]): Act {
  const { name: own, parameters } = tools.map(functionOf).find((tool) => tool.name !== name)!;
  return { name: own, given: Object.fromEntries((parameters.required ?? []).map((field) => [field, "x"])) };
}

function otherText(text: string, dice: Dice): string {
  const places = [...text].flatMap((sign, i) => (/\d/.test(sign) ? [i] : []));
  if (places.length === 0) return `${text}s`;
  const at = dice.pick(places);
  return text.slice(0, at) + ((Number(text[at]) + dice.between(1, 9)) % 10) + text.slice(at + 1);
}
