/** Whole conversations through the agent itself: the model calls, the tools answer, the model says what came of it. */
import { runAgent } from "../../src/agent/agent.ts";
import { calculator } from "../../src/agent/tools/calculator.ts";
import { type Arguments, type Tool, ToolError } from "../../src/agent/tool.ts";
import { Toolbox } from "../../src/agent/toolbox.ts";
import type { Drawing, Responder } from "../../src/ask/responder.ts";
import type { Message } from "../../src/text/messages.ts";
import { WAYS } from "../../src/training/stages/evaluate.ts";
import { checkText } from "../../src/verify/check.ts";

/** What came of a task. */
export interface Conversation {
  readonly answer: string;
  readonly calls: readonly { readonly name: string; readonly given: Arguments; readonly outcome: string }[];
  /** With the task and the answer. */
  readonly messages: readonly Message[];
}

/** How the model's replies are drawn: as its files say, or as QwQ's are. */
export const DRAWINGS = { greedy: WAYS.greedy, qwq: WAYS.qwq } as const;
export type DrawnAs = keyof typeof DRAWINGS;

/** Replies at most: one that has not come to its answer by then will not. */
const STEPS = 6;

export async function converse(
  responder: Responder,
  task: string | readonly Message[],
  tools: readonly Tool[] = [calculator()],
  drawing: Drawing = DRAWINGS.greedy,
  seed = 1,
): Promise<Conversation> {
  const toolbox = await Toolbox.of(tools);
  const calls: Conversation["calls"][number][] = [];
  const { answer, messages } = await runAgent(task, {
    responder,
    toolbox,
    drawing: { ...drawing, maxTokens: 256 },
    seed,
    limits: { steps: STEPS },
    onEvent: (event) => {
      if (event.type !== "result") return;
      calls.push({ name: event.name, given: event.arguments, outcome: event.outcome });
    },
  });
  return { answer, calls, messages: [...messages, { role: "assistant", content: answer }] };
}

/** Whether an answer names this value, as src/verify judges answers. */
export function says(answer: string, value: string): boolean {
  return checkText(`\n</think>\n\n${answer}`, { type: "answer", answer: value }).right;
}

/** A calculator that fails the first time. */
export function failing(): Tool {
  const own = calculator();
  let first = true;
  return {
    ...own,
    run(given, signal) {
      if (!first) return own.run(given, signal);
      first = false;
      throw new ToolError("The calculator is busy.");
    },
  };
}
