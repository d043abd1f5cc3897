/**
 * What a training is: the model's sizes, and of each stage how many steps, how large and how fast. The settings and a seed
 * make the model, bit for bit.
 */
import type { Config } from "../config.ts";
import { UsageError } from "../errors.ts";
import { type Json, JsonNumber, readJson } from "../json/json.ts";
import { type Kind, KINDS } from "./tasks/problem.ts";

/** How often each kind of problem comes: shares, of any sum. */
export type Mixture = Readonly<Record<Kind, number>>;

/** How the weights move in a stage. */
export interface Course {
  readonly steps: number;
  /** The highest learning rate, reached after `warmup` steps, and the last. */
  readonly rate: number;
  readonly floor: number;
  readonly warmup: number;
  /** Steps over which the rate would come to its floor, where the stage ends sooner; 0 for the stage's own. */
  readonly horizon: number;
  /** The longest that a gradient may be. */
  readonly norm: number;
  readonly decay: number;
  /** How slowly AdamW's mean square forgets. */
  readonly square: number;
}

/** Supervision: the cold start. */
export interface Teaching extends Course {
  /** Worked solutions a step. */
  readonly batch: number;
  /** The share of the solutions in which a step is wrong, on purpose. */
  readonly slips: number;
  readonly mixture: Mixture;
}

/** Reinforcement by verifiers: stage one. */
export interface Reinforcing extends Course {
  readonly problems: number;
  readonly replies: number;
  readonly updates: number;
  readonly advantage: "scaled" | "centred";
  readonly length: "reply" | "token" | "limit";
  readonly low: number;
  readonly high: number;
  /** What straying from the policy of the stage's beginning costs, on stage one's kinds of problems (grpo.ts); 0 for nothing. */
  readonly kl: number;
  readonly mixture: Mixture;
}

export interface Settings {
  readonly model: {
    readonly layers: number;
    readonly channels: number;
    readonly heads: number;
    readonly keyHeads: number;
    readonly headSize: number;
    readonly feedForward: number;
    readonly context: number;
    readonly theta: number;
  };
  /** Tokens of the vocabulary, special ones included. */
  readonly vocabulary: number;
  /** Problems of each kind from which its merges are learnt. */
  readonly corpus: Mixture;
  /** How many digits a number of arithmetic may have that is asked: 3, or fewer for an easier course. */
  readonly digits: number;
  /** The most tokens of a reply. */
  readonly limit: number;
  readonly cold: Teaching;
  readonly one: Reinforcing;
  /** The control of more supervision, after the cold start: the same solutions, this far. */
  readonly more: { readonly steps: number; readonly batch: number; readonly rate: number; readonly warmup: number };
  /**
   * The reward model of stage two, and stage two. `opinion` is what the reward model's word counts beside the verifier's, and
   * `partial` the share of its rules that a reply keeps, where there are several.
   */
  readonly judge: Course & { readonly batch: number };
  readonly two: Reinforcing & { readonly opinion: number; readonly partial: number };
  /** Problems of a held-out test while training goes on, and steps between two. */
  readonly test: { readonly problems: number; readonly every: number };
}

const MIXTURE: Mixture = { arithmetic: 1, story: 0, program: 0, instruction: 0, tool: 0, agent: 0, copy: 0 };
const ADAM = { floor: 0, horizon: 0, norm: 1, decay: 0.01, square: 0.99 };
const REINFORCING = {
  ...ADAM,
  problems: 32,
  replies: 16,
  updates: 1,
  advantage: "scaled",
  length: "token",
  low: 0.2,
  high: 0.28,
  kl: 0,
} as const;

/** What is not told. The model has QwQ-32B's ratios: five query heads to a key/value head, F 2.7 C. */
export const DEFAULTS: Settings = {
  model: {
    layers: 4,
    channels: 160,
    heads: 10,
    keyHeads: 2,
    headSize: 16,
    feedForward: 432,
    context: 512,
    theta: 10_000,
  },
  vocabulary: 448,
  corpus: { ...MIXTURE, arithmetic: 1000 },
  digits: 3,
  limit: 96,
  cold: { ...ADAM, steps: 600, batch: 64, rate: 3e-3, warmup: 50, slips: 0.2, mixture: MIXTURE },
  one: { ...REINFORCING, steps: 60, rate: 6e-5, floor: 6e-5, warmup: 5, mixture: MIXTURE },
  more: { steps: 60, batch: 512, rate: 1e-3, warmup: 5 },
  judge: { ...ADAM, steps: 100, batch: 32, rate: 3e-4, warmup: 10 },
  two: { ...REINFORCING, steps: 20, rate: 3e-5, floor: 3e-5, warmup: 2, mixture: MIXTURE, opinion: 0.5, partial: 0 },
  test: { problems: 128, every: 100 },
};

/**
 * Settings from a JSON file: what it does not say is as in DEFAULTS.
 *
 * throws   FormatError E_JSON_* ; UsageError E_TRAIN_SETTING for a name that there is not, or a value of another kind or range
 */
export function readSettings(source: Uint8Array | string, path: string): Settings {
  const settings = laid(DEFAULTS as unknown as Plain, readJson(source, path), "", path) as unknown as Settings;
  const { heads, keyHeads, headSize } = settings.model;
  if (heads % keyHeads !== 0)
    throw bad(path, "model.heads to be a multiple of model.keyHeads", `${heads} and ${keyHeads}`);
  if (headSize % 2 !== 0) throw bad(path, "model.headSize to be even", `${headSize}`);
  const { corpus, cold, one, two } = settings;
  const mixtures = { corpus, "cold.mixture": cold.mixture, "one.mixture": one.mixture, "two.mixture": two.mixture };
  for (const [name, mixture] of Object.entries(mixtures)) {
    if (KINDS.every((kind) => mixture[kind] === 0))
      throw bad(path, `${name} to have some kind of problem`, "none of any");
  }
  return settings;
}

/** The model's config, with as many rows as there are tokens. */
export function configOf({ model: { theta, ...sizes } }: Settings, vocabulary: number): Config {
  const rope = { D: sizes.headSize, theta, yarn: undefined };
  return { architecture: "qwen2", ...sizes, vocabulary, eps: 1e-5, rope, tied: false, biases: true };
}

type Plain = { readonly [name: string]: Plain | number | string };

/** The defaults, with what `given` says in their place. */
function laid(defaults: Plain, given: Json, name: string, path: string): Plain {
  if (!(given instanceof Map)) throw bad(path, `${name || "the settings"} to be an object`, kind(given));
  const result: Record<string, Plain | number | string> = { ...defaults };
  for (const [key, value] of given) {
    const full = name === "" ? key : `${name}.${key}`;
    const known = Object.hasOwn(defaults, key) ? defaults[key] : undefined;
    if (known === undefined) throw bad(path, `one of ${Object.keys(defaults).join(", ")}`, full);
    result[key] = typeof known === "object" ? laid(known, value, full, path) : scalar(known, value, full, path);
  }
  return result;
}

/** The names that are words, with those there are. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  advantage: ["scaled", "centred"],
  length: ["reply", "token", "limit"],
};
/** Numbers that may be fractions; all others count something. */
const FRACTIONS = /(^|\.)(rate|floor|norm|decay|square|slips|low|high|kl|opinion|partial|theta)$|(mixture|corpus)\./;
/** Counts that may be 0. */
const MAYBE_NONE = /(^|\.)(steps|warmup|horizon)$/;

function scalar(known: number | string, value: Json, name: string, path: string): number | string {
  if (typeof known === "string") {
    const words = WORDS[name.split(".").at(-1)!]!;
    if (typeof value === "string" && words.includes(value)) return value;
    throw bad(path, `${name} to be ${words.join(" or ")}`, kind(value));
  }
  const number = value instanceof JsonNumber ? value.value : value;
  const fraction = FRACTIONS.test(name);
  const least = fraction || MAYBE_NONE.test(name) ? 0 : 1;
  const fits =
    typeof number === "number" && Number.isFinite(number) && number >= least && number <= (fraction ? 3e38 : 1e9);
  if (fits && (fraction || Number.isInteger(number))) return number;
  throw bad(path, `${name} to be a ${fraction ? "number" : "whole number"} from ${least}`, kind(value));
}

function kind(value: Json): string {
  if (value instanceof JsonNumber) return value.text;
  return value instanceof Map ? "an object" : Array.isArray(value) ? "an array" : JSON.stringify(value);
}

function bad(path: string, expected: string, actual: string): UsageError {
  return new UsageError("E_TRAIN_SETTING", path, { path, expected, actual, hint: "Mend the file of settings." });
}
