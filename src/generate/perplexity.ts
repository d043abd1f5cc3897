/**
 * Perplexity of a text under the model: how many equally likely tokens it hesitates between, on average.
 *
 *   perplexity = exp(-1/N sum ln p(token | the tokens before it in its window))
 *
 * source  Hugging Face's guide "Perplexity of fixed-length models"; the means are weighted, and ln p is summed in float64
 * golden  smollm2/perplexity
 */
import type { Config } from "../config.ts";
import type { CacheFormat } from "../ops.ts";
import type { Feed } from "./feed.ts";
import { logSumExp } from "./softmax.ts";
import { type Cut, predictions, type Told, type Window, windowsOf } from "./windows.ts";

export interface PerplexityOptions extends Omit<Feed, "caches">, Cut {
  readonly config: Config;
  /** How the cache keeps keys and values; "f32" unless told. */
  readonly kv?: CacheFormat | undefined;
  /** Tokens that a window may have; the model's own context unless told. */
  readonly context?: number | undefined;
  /** Told after each chunk how many of the text's tokens are read. */
  readonly onProgress?: Told | undefined;
}

/** One window: tokens [begin, end), of which the last `scored` count. */
export interface WindowScore {
  readonly begin: number;
  readonly end: number;
  readonly scored: number;
  /** -sum ln p of the scored tokens. */
  readonly sum: number;
}

/** All windows so far. */
export interface Perplexity {
  readonly perplexity: number;
  readonly scored: number;
  readonly sum: number;
}

/**
 * Scores window after window; returns the whole. An aborted signal ends it early, with the windows that were complete.
 *
 * throws  at the call as `windowsOf`; while running, FormatError E_NUM_NONFINITE
 */
export function perplexity(options: PerplexityOptions): AsyncGenerator<WindowScore, Perplexity> {
  const { config, context = config.context } = options;
  const { window, windows } = windowsOf(options, { vocabulary: config.vocabulary, context });
  return score(options, window, windows);
}

async function* score(
  o: PerplexityOptions,
  room: number,
  windows: readonly Window[],
): AsyncGenerator<WindowScore, Perplexity> {
  const f: Feed = { ...o, caches: o.ops.cache(o.config, room, o.kv) };
  const ids = Uint32Array.from(o.ids);
  let total = { scored: 0, sum: 0 };
  for (const window of windows) {
    const { begin, end, from } = window;
    let [scored, sum] = [0, 0];
    for await (const { id, logits } of predictions(f, ids, window, o.onProgress)) {
      scored++;
      sum += logSumExp(logits) - logits[id]!;
    }
    if (scored < end - from) break; // interrupted
    total = { scored: total.scored + scored, sum: total.sum + sum };
    yield { begin, end, scored, sum };
  }
  return { perplexity: Math.exp(total.sum / total.scored), ...total };
}
