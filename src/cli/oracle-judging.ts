/** By what an engine's activations are judged: the options that compare, replay, diagnose and bisect share. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Budget, readBudget } from "../oracle/budget.ts";
import { kvFormatOf } from "../oracle/numbers/kv.ts";
import { policyOf } from "../oracle/numbers/policies.ts";
import { inputName, readInput } from "./input.ts";
import { decimal } from "./options.ts";

export interface JudgingOptions {
  readonly policy?: string;
  readonly kvDtype?: string;
  readonly kappa?: number;
  readonly atol?: number;
  readonly rtol?: number;
  readonly budget?: string;
}

/** The same with its budget read. */
export interface Judging {
  readonly policy: string | undefined;
  readonly kvDtype: string | undefined;
  readonly kappa: number | undefined;
  readonly atol: number | undefined;
  readonly rtol: number | undefined;
  readonly budget: Budget | undefined;
}

/** What the options say of how taps are judged. Throws as `readInput` and `readBudget`. */
export async function judgingOf({ budget, ...options }: JudgingOptions): Promise<Judging> {
  const { policy, kvDtype, kappa, atol, rtol } = options;
  const read = budget === undefined ? undefined : readBudget(await readInput(budget), inputName(budget));
  return { policy, kvDtype, kappa, atol, rtol, budget: read };
}

export function withJudgingOptions(command: Command): Command {
  return command
    .option("--policy <name>", "how the engine rounds (default: as its manifest says)")
    .addOption(
      new Option("--dtype <type>", "the same by a format alone: fp32, bf16, fp16, int8 or q8").conflicts("policy"),
    )
    .option(
      "--kv-dtype <type>",
      "how it keeps keys and values: f32, bf16, f16, int8, q8_0 (default: the manifest's)",
      kv,
    )
    .option("--kappa <n>", "fail above so many noises, warn above half as many (default: 6)", positive)
    .addOption(bound("atol", "judge by |got - expected| <= atol + rtol |expected| in place of noise"))
    .addOption(bound("rtol", "the part of it that grows with the value (default of either: 0)"))
    .option("--budget <file>", 'JSON that judges some taps by bounds of their own; "-" is stdin')
    .hook("preAction", (_, action) => {
      const { dtype } = action.opts<{ dtype?: string }>();
      if (dtype !== undefined) action.setOptionValue("policy", policyOf(dtype).name);
    });
}

/** Reads a format of keys and values, before anything is opened. */
function kv(text: string): string {
  return kvFormatOf(text)?.name ?? "f32";
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
