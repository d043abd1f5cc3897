/** Calls that go wrong, with what src/agent/toolbox.ts tells of them. A test has it told by the toolbox itself. */
import { guarded } from "../../../agent/guarded.ts";
import { unreadable } from "../../../agent/toolbox.ts";
import type { Content, Message } from "../../../text/messages.ts";
import { parseReply } from "../../../text/reply.ts";
import type { Dice } from "../dice.ts";
import { callText, functionOf, type Given, type Turn } from "./episode.ts";

/** A turn that went wrong, and what came back. */
export interface Failure {
  readonly turn: Turn;
  readonly answer: readonly Message[];
  /** What stood between the tags. */
  readonly raw: string;
}

const NAME = "calculator";
const WRONG_NAMES = ["calc", "calculate", "math", "Calculator", "compute", "evaluate"];
const WRONG_KEYS = ["expr", "input", "formula", "query", "text"];
const TROUBLES = ["calculator did not end within 30 seconds.", "Try again.", "The calculator is busy.", "fetch failed"];

/** Draws a call of this expression that goes wrong. */
export function failure(dice: Dice, told: readonly Message[], expression: string, tools: readonly Content[]): Failure {
  const kind = dice.below(6);
  if (kind === 0) return unread(dice, told, expression);
  if (kind === 1) {
    const name = dice.pick(WRONG_NAMES);
    const names = tools.map((tool) => functionOf(tool).name);
    return failed(
      told,
      name,
      { expression },
      `There is no tool ${JSON.stringify(name)}. There are: ${names.join(", ")}.`,
    );
  }
  if (kind === 2) {
    const key = dice.pick(WRONG_KEYS);
    const why = `must have required property 'expression'; must NOT have additional properties: ${JSON.stringify(key)}`;
    return failed(told, NAME, { [key]: expression }, `${NAME}: ${why}.`);
  }
  if (kind === 3) {
    const cut = `${expression.replace(/[^\d.]*[\d.]+\)?$/, "")} +`;
    return failed(
      told,
      NAME,
      { expression: cut },
      `This is no expression: Unexpected end of expression (char ${cut.length + 1}).`,
    );
  }
  if (kind === 4) {
    const open = `(${expression}`;
    return failed(
      told,
      NAME,
      { expression: open },
      `This is no expression: Parenthesis ) expected (char ${open.length + 1}).`,
    );
  }
  return failed(told, NAME, { expression }, dice.pick(TROUBLES));
}

function failed(told: readonly Message[], name: string, given: Given, why: string): Failure {
  const turn: Turn = { told, thoughts: [], act: { name, given }, plain: false };
  return { turn, answer: [{ role: "tool", name, content: guarded(`Error: ${why}`) }], raw: callText(name, given) };
}

/** A call that is no JSON. */
function unread(dice: Dice, told: readonly Message[], expression: string): Failure {
  const whole = callText(NAME, { expression });
  const broken = dice.pick([
    whole.slice(0, -1),
    whole.slice(0, -2),
    whole.replaceAll('"', "'"),
    expression,
    `${NAME}(${expression})`,
    whole.replace('"arguments"', '"args"'),
  ]);
  const raw = `\n${broken}\n`;
  const [call] = parseReply(`<tool_call>${raw}</tool_call>`, { opened: false, toolCalls: true }).toolCalls;
  const past = `<tool_call>${raw}</tool_call>`;
  const content = `<tool_response>\n${guarded(`Error: ${unreadable(call!)}`)}\n</tool_response>`;
  const turn: Turn = { told, thoughts: [], act: { name: NAME, given: {} }, plain: false, past };
  return { turn, answer: [{ role: "user", content }], raw };
}
