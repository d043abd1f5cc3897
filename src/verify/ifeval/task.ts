/** IFEval's tasks: a line of its data is a prompt with the instructions in it. */
import { UsageError } from "../../errors.ts";
import { type Instruction, readInstruction } from "./arguments.ts";
import { checkInstructions, type Following } from "./check.ts";

export interface IfevalTask {
  readonly prompt: string;
  readonly instructions: readonly Instruction[];
}

/**
 * Reads a line's fields: prompt, instruction_id_list, kwargs.
 *
 * throws   UsageError E_TASK where one is missing, of another kind, or an instruction is none of the 25 types;
 *          FormatError E_PATTERN where a keyword is a pattern that cannot be matched
 */
export function readIfevalTask(line: Readonly<Record<string, unknown>>): IfevalTask {
  const { prompt, instruction_id_list: ids, kwargs } = line;
  const whole =
    typeof prompt === "string" && Array.isArray(ids) && Array.isArray(kwargs) && ids.length === kwargs.length;
  if (!whole || ids.length === 0) {
    throw new UsageError("E_TASK", "task of ifeval", {
      expected: "prompt, instruction_id_list and kwargs, the two lists as long as each other",
      actual: JSON.stringify(line)?.slice(0, 60),
      hint: "Give lines as those of IFEval's data.",
    });
  }
  const instructions = ids.map((id, index) =>
    readInstruction(String(id), (kwargs[index] ?? {}) as Record<string, unknown>),
  );
  // a pattern that cannot be read is found here, before a model is asked
  checkInstructions("x", instructions);
  return { prompt, instructions };
}

/** The four figures that IFEval reports, each from 0 to 1. */
export interface IfevalScores {
  readonly promptStrict: number;
  readonly instructionStrict: number;
  readonly promptLoose: number;
  readonly instructionLoose: number;
}

/**
 * Figures over many replies.
 *
 * throws   UsageError where there are none
 */
export function ifevalScores(replies: readonly Following[]): IfevalScores {
  if (replies.length === 0) {
    throw new UsageError("E_TASK", "scores of ifeval", { expected: "at least one reply", actual: "none" });
  }
  const prompts = (how: keyof Following) => mean(replies.map((reply) => reply[how].every(Boolean)));
  const single = (how: keyof Following) => mean(replies.flatMap((reply) => reply[how]));
  return {
    promptStrict: prompts("strict"),
    instructionStrict: single("strict"),
    promptLoose: prompts("loose"),
    instructionLoose: single("loose"),
  };
}

function mean(values: readonly boolean[]): number {
  return values.filter(Boolean).length / values.length;
}
