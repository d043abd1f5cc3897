/** By what an engine's activations are judged: the options that compare, replay, diagnose and bisect share. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { policyOf } from "../oracle/numbers/policies.ts";
import { decimal } from "./options.ts";

export interface JudgingOptions {
  readonly policy?: string;
  readonly kappa?: number;
  readonly atol?: number;
  readonly rtol?: number;
}

export function withJudgingOptions(command: Command): Command {
  return command
    .option("--policy <name>", "how the engine rounds (default: as its manifest says)")
    .addOption(
      new Option("--dtype <type>", "the same by a format alone: fp32, bf16, fp16, int8 or q8").conflicts("policy"),
    )
    .option("--kappa <n>", "fail above so many noises, warn above half as many (default: 6)", positive)
    .addOption(bound("atol", "judge by |got - expected| <= atol + rtol |expected| in place of noise"))
    .addOption(bound("rtol", "the part of it that grows with the value (default of either: 0)"))
    .hook("preAction", (_, action) => {
      const { dtype } = action.opts<{ dtype?: string }>();
      if (dtype !== undefined) action.setOptionValue("policy", policyOf(dtype).name);
    });
}

/** An option that bounds every value, in place of noises. */
function bound(name: "atol" | "rtol", text: string): Option {
  return new Option(`--${name} <x>`, text).argParser(fromZero).conflicts("kappa");
}

/** Reads a finite number from 0. */
function fromZero(text: string): number {
  const value = decimal(text);
  if (value >= 0) return value;
  throw new InvalidArgumentError(`Expected a number from 0, got "${text}".`);
}

/** Reads a number above 0. */
function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError(`Expected a number above 0, got "${text}".`);
}
