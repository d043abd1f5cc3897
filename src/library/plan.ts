/** What a model needs, in numbers: weights in every published form, the cache, a run's memory, and what fits where. */
import type { Config } from "../config.ts";
import { LAYER_TAPS, sizes } from "../files/names.ts";
import { CHUNK } from "../generate/feed.ts";
import { parameters, places, type StoredForm, storedForms } from "./storage.ts";

/** Bytes of keys and values for one token, in each type a cache may have. */
export interface CacheBytes {
  readonly float32: number;
  readonly bfloat16: number;
  /** A byte a value, and a float32 scale for each head and token, of keys and of values. */
  readonly int8: number;
}

/** The most that a run holds in memory at once, weights read from disk a window at a time. */
export interface RunBytes {
  /** Node, the program, and a tokenizer of Qwen's size. */
  readonly program: number;
  /** The window of weights in use, and the next one. */
  readonly windows: number;
  /** Gains and biases, in float32. */
  readonly vectors: number;
  /** Keys and values in float32, and the old ones of one layer while they are moved to a larger place. */
  readonly cache: number;
  /** Of one layer, for as many tokens as are fed at once; the logits, and their order for sampling. */
  readonly activations: number;
  readonly total: number;
}

/** The weights in one form, and the most tokens of context for which there is room beside them. */
export interface FormPlan extends StoredForm {
  /** For each of `plan.sizes`, with the cache in bfloat16; null where the weights alone do not fit. */
  readonly contexts: readonly (number | null)[];
}

export interface Plan {
  readonly parameters: number;
  readonly tensors: number;
  readonly layers: number;
  readonly context: number;
  /** What config.json says; longer contexts need YaRN. */
  readonly ownContext: number;
  /** Whether `context` is longer than the model's own and its config has no YaRN. */
  readonly needsYarn: boolean;
  readonly cachePerToken: CacheBytes;
  readonly run: RunBytes;
  /** This computer's memory. */
  readonly machine: number;
  /** Memories, in bytes, the last this computer's. */
  readonly sizes: readonly number[];
  readonly forms: readonly FormPlan[];
}

/** The contexts of the table, beside the model's own; the last is what YaRN with QwQ's factor 4 reaches. */
export const CONTEXTS = [4096, 8192, 32_768, 131_072] as const;

const GIGABYTES = [8, 16, 24, 32, 48, 64, 96];
/** Measured: 216 MB with the vocabulary of Qwen (Node 20, x64). */
const PROGRAM_BYTES = 250e6;
const WINDOW_BYTES = 1 << 26;
/** Left free beside weights and cache where all is to be in memory: the program and its activations. */
export const SPARE_BYTES = 0.5e9;

/**
 * Everything that can be said of a model before it is loaded. `machine` is this computer's memory in bytes.
 *
 * source   keys and values: 2 K D values a token and layer, before any sharing (src/reference/cache.ts)
 */
export function plan(config: Config, context: number, machine: number): Plan {
  const cachePerToken = cacheBytes(config);
  const all = [...GIGABYTES.map((n) => n * 1e9), machine];
  const most = Math.max(config.context, ...CONTEXTS);
  const room = (size: number, bytes: number) => {
    const tokens = Math.floor((size - SPARE_BYTES - bytes) / cachePerToken.bfloat16);
    return tokens >= 1 ? Math.min(tokens, most) : null;
  };
  return {
    parameters: parameters(config),
    tensors: places(config).length,
    layers: config.layers,
    context,
    ownContext: config.context,
    needsYarn: context > config.context && config.rope.yarn === undefined,
    cachePerToken,
    run: runBytes(config, context),
    machine,
    sizes: all,
    forms: storedForms(config).map((form) => ({ ...form, contexts: all.map((size) => room(size, form.bytes)) })),
  };
}

function cacheBytes({ layers, keyHeads, headSize }: Config): CacheBytes {
  const rows = 2 * layers * keyHeads;
  return { float32: 4 * rows * headSize, bfloat16: 2 * rows * headSize, int8: rows * (headSize + 4) };
}

function runBytes(config: Config, context: number): RunBytes {
  const size = sizes(config);
  const perToken = cacheBytes(config).float32;
  const widths = LAYER_TAPS.reduce((sum, { axes }) => sum + axes.reduce((product, axis) => product * size[axis], 1), 0);
  const vectors = places(config).reduce((sum, { matrix, columns }) => sum + (matrix ? 0 : 4 * columns), 0);
  const parts = {
    program: PROGRAM_BYTES,
    windows: 2 * WINDOW_BYTES,
    vectors,
    cache: context * perToken + Math.ceil((context * perToken) / config.layers / 2),
    activations: CHUNK * (4 * widths + 8 * config.feedForward) + 8 * context + 32 * config.vocabulary,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, n) => sum + n, 0) };
}
