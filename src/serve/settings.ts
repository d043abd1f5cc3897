/** What chat and plain completions have in common: how a reply is drawn, and when it ends. */
import type { Sampling } from "../generate/sampling.ts";
import type { Json } from "../json/json.ts";
import { describe } from "../json/fields.ts";
import { badField } from "./errors.ts";
import type { Fields } from "./fields.ts";

/** How a reply is made. */
export interface Settings {
  readonly sampling: Partial<Sampling>;
  readonly maxTokens: number | undefined;
  readonly n: number;
  readonly seed: number | undefined;
  /** The answer ends before any of these. */
  readonly stop: readonly string[];
  readonly stream: boolean;
  /** Whether a stream ends with the numbers of tokens. */
  readonly usage: boolean;
  readonly penalties: Penalties;
  readonly onLoop: "warn" | "stop" | "ignore" | undefined;
}

/** What is taken from the logits of tokens that have come, and given to some. */
export interface Penalties {
  /** Of each token that has come, once. */
  readonly presence: number;
  /** Of each token, as often as it has come. */
  readonly frequency: number;
  /** Added to the logits of these ids. */
  readonly bias: ReadonlyMap<number, number>;
}

/** Choices that one request may ask for, and texts that may end a reply, of so many characters. */
const MOST_CHOICES = 16;
const MOST_STOPS = 16;
const LONGEST_STOP = 1024;
const MOST_BIASES = 1024;
/** Beyond it is no number of tokens at all; what the context holds is checked with the prompt. */
const MOST_TOKENS = 2 ** 31 - 1;

/** Reads them. `vocabulary` is the number of ids, `least` the least number of new tokens. Throws RequestError. */
export function readSettings(body: Fields, vocabulary: number, least = 1): Settings {
  return {
    sampling: readSampling(body),
    maxTokens: body.integer("max_completion_tokens", 1, MOST_TOKENS) ?? body.integer("max_tokens", least, MOST_TOKENS),
    n: body.integer("n", 1, MOST_CHOICES) ?? 1,
    seed: readSeed(body),
    stop: readStop(body),
    stream: body.boolean("stream") ?? false,
    usage: body.object("stream_options")?.boolean("include_usage") ?? false,
    penalties: {
      presence: body.number("presence_penalty", -2, 2) ?? 0,
      frequency: body.number("frequency_penalty", -2, 2) ?? 0,
      bias: readBias(body, vocabulary),
    },
    onLoop: body.word("on_loop", ["warn", "stop", "ignore"]),
  };
}

/** OpenAI's two settings, and those that other servers know by these names. */
function readSampling(body: Fields): Partial<Sampling> {
  const given = {
    temperature: body.number("temperature", 0, 2),
    topP: body.number("top_p", 0, 1),
    topK: body.integer("top_k", -1, MOST_TOKENS), // -1 turns it off in other servers
    minP: body.number("min_p", 0, 1),
    repetitionPenalty: body.number("repetition_penalty", 0.01, 100),
  };
  if (given.topP === 0) given.topP = Number.MIN_VALUE; // the likeliest token alone
  if (given.topK === -1) given.topK = 0;
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** -1 is none, as in other servers. */
function readSeed(body: Fields): number | undefined {
  const seed = body.integer("seed", -1, Number.MAX_SAFE_INTEGER - MOST_CHOICES);
  return seed === -1 ? undefined : seed;
}

function readStop(body: Fields): string[] {
  const value = body.get("stop");
  if (value === undefined) return [];
  const all = Array.isArray(value) ? value : [value];
  if (all.length > MOST_STOPS) throw body.bad("stop", `at most ${MOST_STOPS} texts`);
  return all.map((text: Json) => {
    if (typeof text === "string" && text !== "" && text.length <= LONGEST_STOP) return text;
    throw badField("stop", `texts of 1 to ${LONGEST_STOP} characters`, describe(text));
  });
}

function readBias(body: Fields, vocabulary: number): ReadonlyMap<number, number> {
  const given = body.object("logit_bias");
  if (given === undefined) return new Map();
  const keys = [...given.json.keys()];
  if (keys.length > MOST_BIASES) throw body.bad("logit_bias", `at most ${MOST_BIASES} tokens`);
  return new Map(
    keys.map((key) => {
      if (!/^\d{1,9}$/.test(key) || Number(key) >= vocabulary) {
        throw badField("logit_bias", `ids from 0 to ${vocabulary - 1}`, JSON.stringify(key.slice(0, 40)));
      }
      return [Number(key), given.number(key, -100, 100) ?? 0] as const;
    }),
  );
}
