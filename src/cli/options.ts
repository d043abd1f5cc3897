/** Options that several commands share, read strictly: a wrong value is a usage error that names the option. */
import type { Activations } from "../../kernels/wasm/index.ts";
import type { WeightForm } from "../../kernels/gpujs/index.ts";
import type { CacheFormat } from "../ops.ts";
import { type Command, InvalidArgumentError, Option } from "commander";

/** Reads a whole number in [least, most]. */
export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value) || value < least || value > most) {
      const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
      throw new InvalidArgumentError(`Expected a whole number ${range}, got "${text}".`);
    }
    return value;
  };
}

/** Reads a finite number in decimal notation. */
export function decimal(text: string): number {
  const value = Number(text);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || !Number.isFinite(value)) {
    throw new InvalidArgumentError(`Expected a number, got "${text}".`);
  }
  return value;
}

/** Reads a number of seconds, above 0. */
export function seconds(text: string): number {
  const value = decimal(text);
  if (value > 0) return value;
  throw new InvalidArgumentError(`Expected a number of seconds above 0, got "${text}".`);
}

const UNITS = ["", "k", "m", "g", "t"];

/** Reads a number of bytes: 3000000000, 3GB, 2.5GiB. */
export function bytes(text: string): number {
  const [, count, letter = "", binary] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?$/i.exec(text.trim()) ?? [];
  const unit = (binary === "" ? 1000 : 1024) ** UNITS.indexOf(letter.toLowerCase());
  const value = Math.floor(Number(count) * unit);
  if (count === undefined || (binary !== "" && letter === "") || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError(`Expected a number of bytes such as 3GiB, got "${text}".`);
  }
  return value;
}

/** Reads a seed: 0 to 2^64 - 1. */
export function seed(text: string): bigint {
  if (!/^\d+$/.test(text) || BigInt(text) >= 2n ** 64n) {
    throw new InvalidArgumentError(`Expected a whole number from 0 to 2^64 - 1, got "${text}".`);
  }
  return BigInt(text);
}

/** `-m MODEL`, where to run and how much to say. */
export interface ModelOptions {
  readonly model?: string;
  readonly backend: string;
  readonly threads?: number;
  readonly activations?: Activations;
  readonly weights?: WeightForm;
  readonly io: "auto" | "mmap" | "pread";
  readonly memory?: number;
  readonly pinBytes?: number;
  readonly context?: number;
  readonly kv: CacheFormat;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

export function kvOption(): Option {
  return new Option("--kv <format>", "how keys and values are kept").choices(["f32", "bf16", "int8"]).default("f32");
}

export function withModelOptions(command: Command): Command {
  return command
    .option(
      "-m, --model <model>",
      "a Hugging Face folder, a .gguf file, a hub id on disk, reasoner or toolcaller (default: the embedded model)",
    )
    .option("--backend <name>", "reference, wasm, wgsl, gpujs, or auto: wasm where it runs", "auto")
    .option("--threads <n>", "threads (default: one a core; the reference uses one)", integer(1, 1024))
    .addOption(
      new Option("--activations <form>", "how quantised weights are multiplied by wasm (default: int8)").choices([
        "f32",
        "int8",
      ]),
    )
    .addOption(
      new Option(
        "--weights <form>",
        "how gpujs keeps weights that are no integers (default: f32 up to 1 GiB of them)",
      ).choices(["f32", "int8"]),
    )
    .addOption(new Option("--io <way>", "how weights are read").choices(["auto", "mmap", "pread"]).default("auto"))
    .option("--memory <bytes>", "take at most so much memory for everything, e.g. 3GiB", bytes)
    .option("--pin-bytes <bytes>", "keep so much of the weights in memory (default: half of what is free)", bytes)
    .option("--context <n>", "tokens to make room for (default: the model's own)", integer(1))
    .addOption(kvOption())
    .option("--quiet", "no remarks on stderr")
    .option("--verbose", "say more on stderr, and show where an error arose");
}

/** How the next token is chosen. What is not given comes from generation_config.json, else from QwQ's own settings. */
export interface SamplingOptions {
  readonly maxTokens?: number;
  readonly thinkTokens?: number;
  readonly seed?: bigint;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  readonly greedy?: boolean;
  readonly speculate?: number;
  readonly onLoop: "warn" | "stop" | "ignore";
}

export function withSamplingOptions(command: Command): Command {
  return command
    .option("--max-tokens <n>", "stop after so many new tokens", integer(1))
    .option("--think-tokens <n>", "end the thoughts after so many tokens and answer (default: no limit)", integer(0))
    .option("--seed <n>", "start of the random generator (default: a new one each time, shown with --verbose)", seed)
    .option("--temperature <x>", "default from generation_config.json, else 0.6", decimal)
    .option("--top-k <n>", "default from generation_config.json, else 40", integer(0))
    .option("--top-p <x>", "default from generation_config.json, else 0.95", decimal)
    .option("--min-p <x>", "default 0", decimal)
    .option("--repetition-penalty <x>", "default from generation_config.json, else 1", decimal)
    .option("--greedy", "always the likeliest token; QwQ's authors warn that it leads to endless repetition")
    .option(
      "--speculate <n>",
      "draft up to n tokens from the text so far; changes no token (default: 0)",
      integer(0, 64),
    )
    .addOption(
      new Option("--on-loop <action>", "what to do about endless repetition")
        .choices(["warn", "stop", "ignore"])
        .default("warn"),
    );
}

/** How a text is scored. */
export interface PerplexityOptions extends ModelOptions {
  readonly against?: string;
  readonly window?: number;
  readonly stride?: number;
  readonly json?: boolean;
}
