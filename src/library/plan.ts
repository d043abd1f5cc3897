/** What a model needs, in numbers: weights in every published form, the cache, a run's memory, and what fits where. */
import type { Config } from "../config.ts";
import type { CacheFormat } from "../ops.ts";
import { cacheBytes, runBytes, type RunBytes } from "./budget.ts";
import { parameters, places, type StoredForm, storedForms } from "./storage.ts";

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
  /** Bytes of keys and values for one token, in each format that a cache may have. */
  readonly cachePerToken: Readonly<Record<CacheFormat, number>>;
  /** The format of `run`'s cache. */
  readonly kv: CacheFormat;
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
/** Left free beside weights and cache where all is to be in memory: the program and its activations. */
export const SPARE_BYTES = 0.5e9;

/**
 * Everything that can be said of a model before it is loaded. `machine` is this computer's memory in bytes; `kv` the
 * format of a run's cache, and `bytes` those of the weights on disk, of bfloat16 unless told.
 *
 * source   keys and values: 2 K D values a token and layer, before any sharing (src/reference/cache.ts)
 */
export function plan(config: Config, context: number, machine: number, kv: CacheFormat = "f32", bytes?: number): Plan {
  const cachePerToken = cacheBytes(config);
  const all = [...GIGABYTES.map((n) => n * 1e9), machine];
  const most = Math.max(config.context, ...CONTEXTS);
  const room = (size: number, bytes: number) => {
    const tokens = Math.floor((size - SPARE_BYTES - bytes) / cachePerToken.bf16);
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
    kv,
    run: runBytes(config, context, bytes ?? 2 * parameters(config), kv),
    machine,
    sizes: all,
    forms: storedForms(config).map((form) => ({ ...form, contexts: all.map((size) => room(size, form.bytes)) })),
  };
}
