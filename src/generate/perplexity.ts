/**
 * Perplexity of a text under the model: how many equally likely tokens it hesitates between, on average.
 *
 *   perplexity = exp(-1/N sum ln p(token | the tokens before it in its window))
 *
 * Windows of W tokens start every S. Each scores only tokens that no window before it has scored: the first all but its
 * first token, the others their last ones, with the rest of the window as context.
 *
 * source  Hugging Face's guide "Perplexity of fixed-length models" (the sliding window); the means are weighted, and ln p is summed in float64
 * golden  smollm2/perplexity
 */
import type { Config } from "../config.ts";
import { UsageError } from "../errors.ts";
import type { CacheFormat } from "../ops.ts";
import { type Feed, feed, logitsOf } from "./feed.ts";
import { checkCount, checkIds } from "./generate.ts";
import { logSumExp } from "./softmax.ts";

/** Rows of logits held at once: at QwQ's 152,064 columns, 10 MB. */
const ROWS = 16;

export interface PerplexityOptions extends Omit<Feed, "caches"> {
  readonly config: Config;
  readonly ids: ArrayLike<number>;
  /** How the cache keeps keys and values; "f32" unless told. */
  readonly kv?: CacheFormat | undefined;
  /** W, tokens in a window; the model's context unless told, at most 1,024. */
  readonly window?: number | undefined;
  /** S, tokens from one window's start to the next; half a window unless told. */
  readonly stride?: number | undefined;
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
 * throws  at the call, UsageError: E_ARG_EMPTY (fewer than two tokens), E_ARG_TOKEN_ID, E_ARG_CONTEXT, E_ARG_LIMIT
 *         (also where the stride exceeds the window); while running, FormatError E_NUM_NONFINITE
 */
export function perplexity(options: PerplexityOptions): AsyncGenerator<WindowScore, Perplexity> {
  const { ids, config } = options;
  const window = checkCount(options.window ?? Math.min(config.context, 1024), "window");
  const stride = checkCount(options.stride ?? Math.ceil(window / 2), "stride");
  checkIds(ids, config.vocabulary, "ids");
  const refuse = (code: string, where: string, expected: string, actual: string, hint: string) =>
    new UsageError(code, where, { expected, actual, hint });
  if (ids.length < 2) {
    throw refuse("E_ARG_EMPTY", "text", "at least 2 tokens", `${ids.length}`, "The first token is not predicted.");
  }
  if (window > config.context || window < 2) {
    const hint = "Choose another --window.";
    throw refuse("E_ARG_CONTEXT", "window", `2 to ${config.context} tokens`, `${window}`, hint);
  }
  if (stride > window) {
    const hint = "Tokens between two windows would not be scored.";
    throw refuse("E_ARG_LIMIT", "stride", `at most the window, ${window}`, `${stride}`, hint);
  }
  return windows(options, window, stride);
}

async function* windows(o: PerplexityOptions, window: number, stride: number): AsyncGenerator<WindowScore, Perplexity> {
  const f: Feed = { ...o, caches: o.ops.cache(o.config, window, o.kv) };
  const ids = Uint32Array.from(o.ids);
  let total = { scored: 0, sum: 0 };
  for (let begin = 0, done = 0; done < ids.length; begin += stride) {
    const end = Math.min(begin + window, ids.length);
    const from = Math.max(done, begin + 1); // a window's first token has nothing before it
    const sum = await score(f, ids.subarray(begin, end), from - begin);
    if (sum === undefined) break;
    done = end;
    total = { scored: total.scored + end - from, sum: total.sum + sum };
    yield { begin, end, scored: end - from, sum };
  }
  return { perplexity: Math.exp(total.sum / total.scored), ...total };
}

/** -sum ln p of tokens [from, end) of one window; undefined where the signal came first. */
async function score(f: Feed, ids: Uint32Array, from: number): Promise<number | undefined> {
  for (const cache of f.caches) cache.truncate(0);
  let sum = 0;
  let position = 0;
  for await (const n of feed(f, ids)) {
    const rows = n.shape[0]!;
    const end = Math.min(position + rows, ids.length - 1); // the last token predicts none of the window
    for (let first = Math.max(position, from - 1); first < end; first += ROWS) {
      const count = Math.min(ROWS, end - first);
      const { data } = await logitsOf(f, n, first - position, count, first);
      for (let row = 0; row < count; row++) {
        const V = data.length / count;
        const logits = data.subarray(row * V, (row + 1) * V);
        sum += logSumExp(logits) - logits[ids[first + row + 1]!]!;
      }
    }
    position += rows;
  }
  return position === ids.length ? sum : undefined;
}
