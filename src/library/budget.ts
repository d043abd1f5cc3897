/** What a run holds in memory, part by part, and the promise to stay within so many bytes. */
import type { Config } from "../config.ts";
import { LimitError } from "../errors.ts";
import { AHEAD } from "../files/ahead.ts";
import { LAYER_TAPS, sizes } from "../files/names.ts";
import { CHUNK } from "../generate/feed.ts";
import type { CacheFormat } from "../ops.ts";
import { places } from "./storage.ts";

/** The most that a run holds in memory at once, weights read from disk a window at a time. */
export interface RunBytes {
  /** Node, the program, and a tokenizer of Qwen's size. */
  readonly program: number;
  /** The window of weights in use, and those that are read ahead. */
  readonly windows: number;
  /** Gains and biases, in float32. */
  readonly vectors: number;
  /** Keys and values, the old ones of one layer while they are moved to a larger place, and one layer's in float32. */
  readonly cache: number;
  /** Of one layer, for as many tokens as are fed at once; the logits, and their order for sampling. */
  readonly activations: number;
  /** The backend's own memory, weights and cache apart. */
  readonly kernels: number;
  readonly total: number;
}

/** What is asked for. */
export interface BudgetOptions {
  /** The most that the whole process may take. */
  readonly memory?: number | undefined;
  /** Bytes of weights to keep in memory. */
  readonly pinBytes?: number | undefined;
  readonly context?: number | undefined;
  readonly kv?: CacheFormat | undefined;
  /** Tokens that are fed at once; those of the reference unless told. */
  readonly chunk?: number | undefined;
  /** Bytes of all weights as they are kept; as on disk unless told. */
  readonly keptBytes?: number | undefined;
  /** Caches that are kept at the same time, each for the whole context; one unless told. */
  readonly caches?: number | undefined;
  /** Bytes of the backend's own; none unless told. */
  readonly workspace?: number | undefined;
}

/** This computer's memory: all of it, and what is free now. */
export interface Machine {
  readonly total: number;
  readonly free: number;
}

/** What is kept to. */
export interface Budget {
  /** Tokens there is room for. */
  readonly context: number;
  readonly kv: CacheFormat;
  /** Without the weights that stay. */
  readonly run: RunBytes;
  /** Bytes of weights that may stay in memory. */
  readonly pin: number;
  /** Bytes there would be for weights, however many the model has. */
  readonly room: number;
  /** The promise, where there is one. */
  readonly memory: number | undefined;
}

/** Measured: 216 MB with the vocabulary of Qwen (Node 20, x64). */
const PROGRAM_BYTES = 250e6;
/** Where nothing is read ahead: the window in use. */
const WINDOW_BYTES = 1 << 20;
/** AWQ and GPTQ gather a block of columns, with its scales and zero points, and lend rows of it: src/files/packed-columns.ts. */
const GATHERED_BYTES = 22 << 20;
/** A promise is not kept by shortening the context to less than this. */
const LEAST_CONTEXT = 512;

/** Bytes of keys and values for one token. `int8`: a byte a value, and a float32 scale for each head, of keys and values. */
export function cacheBytes({ layers, keyHeads, headSize }: Config): Readonly<Record<CacheFormat, number>> {
  const rows = 2 * layers * keyHeads;
  return { f32: 4 * rows * headSize, bf16: 2 * rows * headSize, int8: rows * (headSize + 4) };
}

/**
 * A run's memory, for weights of `bytes` bytes on disk: every part by what the code allocates.
 *
 * source   src/files/ahead.ts, src/reference/kept.ts, src/generate/feed.ts
 */
export function runBytes(
  config: Config,
  context: number,
  bytes: number,
  kv: CacheFormat = "f32",
  chunk = CHUNK,
  kernels = 0,
  caches = 1,
): RunBytes {
  const size = sizes(config);
  const perToken = cacheBytes(config);
  const widths = LAYER_TAPS.reduce((sum, { axes }) => sum + axes.reduce((product, axis) => product * size[axis], 1), 0);
  const vectors = places(config).reduce((sum, { matrix, columns }) => sum + (matrix ? 0 : 4 * columns), 0);
  const ahead = AHEAD.slots * AHEAD.bytes;
  const moved = Math.ceil((context * perToken[kv]) / config.layers / 2);
  const widened = kv === "f32" ? 0 : (context * perToken.f32) / config.layers;
  const parts = {
    program: PROGRAM_BYTES,
    windows: (bytes > ahead ? ahead : 0) + WINDOW_BYTES + GATHERED_BYTES,
    vectors,
    cache: caches * context * perToken[kv] + moved + widened,
    activations: chunk * (4 * widths + 8 * config.feedForward) + 8 * context + 32 * config.vocabulary,
    kernels,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, n) => sum + n, 0) };
}

/**
 * How a run stays within what is asked for. With `memory`, everything does: a context that nobody asked for is shortened
 * to what fits, and weights stay in memory as far as there is room. Without it, half of what is free holds weights.
 *
 * throws   LimitError E_LIMIT_MEMORY, with the parts, where it cannot be done
 */
export function budget(config: Config, bytes: number, options: BudgetOptions, machine: Machine): Budget {
  const { memory, kv = "f32" } = options;
  const total = (context: number) =>
    runBytes(config, context, bytes, kv, options.chunk, options.workspace, options.caches).total +
    (options.pinBytes ?? 0);
  let context = options.context ?? config.context;
  if (options.context === undefined && memory !== undefined) {
    const tokens = Math.floor((memory - total(0)) / (total(1) - total(0)));
    context = Math.min(context, Math.max(tokens, LEAST_CONTEXT));
  }
  const run = runBytes(config, context, bytes, kv, options.chunk, options.workspace, options.caches);
  const limit = memory ?? (options.context === undefined ? Infinity : machine.total);
  if (total(context) > limit) throw tooMuch(config, total, run, { ...options, context, kv }, limit);
  const left = memory === undefined ? machine.free / 2 : memory - run.total;
  const room = options.pinBytes ?? Math.max(0, Math.floor(left));
  return { context, kv, run, pin: options.pinBytes ?? Math.min(options.keptBytes ?? bytes, room), room, memory };
}

function tooMuch(
  config: Config,
  total: (context: number) => number,
  run: RunBytes,
  { memory, pinBytes = 0, context, kv }: BudgetOptions & { readonly context: number; readonly kv: CacheFormat },
  limit: number,
): LimitError {
  const parts = { ...run, ...(pinBytes === 0 ? {} : { "pinned weights": pinBytes }), total: undefined };
  const named = Object.entries(parts).flatMap(([name, n]) => (n === undefined ? [] : [`${name} ${megabytes(n)}`]));
  const fits = Math.floor((limit - total(0)) / (total(1) - total(0)));
  const smaller = kv === "int8" || cacheBytes(config)[kv] * context < run.program ? "" : " or a smaller --kv";
  const hint =
    fits >= 1
      ? `Give --context ${fits} or less${smaller}.`
      : `Give --memory ${megabytes(total(Math.min(context, LEAST_CONTEXT)))} or more.`;
  return new LimitError("E_LIMIT_MEMORY", memory === undefined ? "--context" : "--memory", {
    expected: `at least ${megabytes(total(context))} for ${context} tokens (${named.join(", ")})`,
    actual: megabytes(limit),
    hint,
  });
}

/** Rounded up, so that what is printed is enough when it is typed in. */
function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)}MB`;
}
