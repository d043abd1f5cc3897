/**
 * What a model lost against its source, token by token of a text: how far its predictions stand from the source's.
 *
 *   KL(p || q) = sum_v p[v] (ln p[v] - ln q[v])      p the source's probabilities, q the model's, of each scored token
 *   ln p[v] = x[v] - ln sum_u e^x[u]                 x the source's logits; of q likewise
 *
 * Both models read the same windows side by side, a few tokens of the one and then of the other, so that no more than
 * some rows of logits are held at a time, and nothing is written to disk.
 *
 * numbers  logits as the models give them, float32; the rest in float64, so that a model against itself has exactly 0.
 *          A KL of less than 1e-15 may come out below 0.
 * source   Kullback and Leibler 1951, in nats. llama.cpp's tools/perplexity (kl_divergence) is the precedent; it rounds
 *          the source's ln p to 16 bits in a file, leaves out tokens below e^-16, scores the second half of windows that
 *          do not overlap, and interpolates percentiles.
 * golden   model/against
 */
import type { Config } from "../config.ts";
import { FormatError } from "../errors.ts";
import type { Weights } from "../weights.ts";
import type { Ops } from "../ops.ts";
import type { Feed } from "./feed.ts";
import type { PerplexityOptions } from "./perplexity.ts";
import { logSumExp } from "./softmax.ts";
import { predictions, type Told, type Window, windowsOf } from "./windows.ts";

/** As for perplexity; `kv` is about the model's cache alone, the source keeps float32. */
export interface AgainstOptions extends PerplexityOptions {
  readonly source: {
    readonly config: Config;
    readonly weights: Weights;
    /** Its own backend; the model's unless told. */
    readonly ops?: Ops;
  };
}

/** How the KL divergences of all scored tokens are spread, in nats. */
export interface Spread {
  readonly mean: number;
  /** The standard error of the mean, as if tokens were independent. */
  readonly error: number;
  /** The least value that half of all do not exceed. */
  readonly median: number;
  /** The least value that 99 % of all do not exceed. */
  readonly p99: number;
  readonly max: number;
}

/** One window, and what each of its scored tokens says. */
export interface WindowComparison extends Window {
  readonly tokens: readonly TokenScore[];
}

/** All windows so far. */
export interface Comparison {
  readonly scored: number;
  /** The model's, and the source's. */
  readonly perplexity: number;
  readonly sourcePerplexity: number;
  readonly kl: Spread;
  /** The share of tokens for which both think the same token likeliest; of equal ones, the lowest id. */
  readonly agreement: number;
}

/**
 * Compares window after window; returns the whole. An aborted signal ends it early, with the windows that were complete.
 *
 * throws  at the call as `windowsOf`, and FormatError E_CMP_VOCABULARY where logits cannot be set side by side; while
 *         running, FormatError E_NUM_NONFINITE
 */
export function against(options: AgainstOptions): AsyncGenerator<WindowComparison, Comparison> {
  const { config, source } = options;
  const [vocabulary, sources] = [config.vocabulary, source.config.vocabulary];
  if (vocabulary !== sources) {
    throw new FormatError("E_CMP_VOCABULARY", "vocab_size", {
      expected: `the source's, ${sources}`,
      actual: `${vocabulary}`,
      hint: "Compare a model with the one it was made from.",
    });
  }
  const context = options.context ?? Math.min(config.context, source.config.context);
  const { window, windows } = windowsOf(options, { vocabulary, context });
  return compare(options, window, windows);
}

async function* compare(
  o: AgainstOptions,
  room: number,
  windows: readonly Window[],
): AsyncGenerator<WindowComparison, Comparison> {
  const { source } = o;
  const model: Feed = { ...o, caches: o.ops.cache(o.config, room, o.kv) };
  const { ops = o.ops, weights } = source;
  const truth: Feed = { ...model, ops, weights, caches: ops.cache(source.config, room) };
  const ids = Uint32Array.from(o.ids);
  const all: TokenScore[] = [];
  for (const window of windows) {
    const tokens = await scoreWindow(model, truth, ids, window, o.onProgress);
    if (tokens.length < window.end - window.from) break; // interrupted
    for (const token of tokens) all.push(token);
    yield { ...window, tokens };
  }
  return summary(all);
}

async function scoreWindow(
  model: Feed,
  truth: Feed,
  ids: Uint32Array,
  window: Window,
  told?: Told,
): Promise<TokenScore[]> {
  const scores: TokenScore[] = [];
  const ours = predictions(model, ids, window, told);
  for await (const { id, logits } of predictions(truth, ids, window)) {
    const { value } = await ours.next();
    if (value === undefined) break;
    scores.push(compareRows(logits, value.logits, id));
  }
  return scores;
}

/** What one token says. */
export interface TokenScore {
  /** KL(source || model), in nats. */
  readonly kl: number;
  /** -ln of the token's probability. */
  readonly surprise: number;
  readonly sourceSurprise: number;
  /** Whether both think the same token likeliest. */
  readonly agrees: boolean;
}

/** Compares the model's logits of one token with the source's; `id` is the token that came. */
export function compareRows(source: Float32Array, model: Float32Array, id: number): TokenScore {
  const [P, Q] = [logSumExp(source), logSumExp(model)];
  let kl = 0;
  for (let v = 0; v < source.length; v++) {
    const p = source[v]! - P;
    kl += Math.exp(p) * (p - (model[v]! - Q));
  }
  const agrees = likeliest(source) === likeliest(model);
  return { kl, surprise: Q - model[id]!, sourceSurprise: P - source[id]!, agrees };
}

/** The lowest id of the largest logit. */
function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let v = 1; v < logits.length; v++) if (logits[v]! > logits[best]!) best = v;
  return best;
}

/** Puts tokens together. Percentiles are by nearest rank: of N in order, the ceil(share N)-th. */
export function summary(tokens: readonly TokenScore[]): Comparison {
  const N = tokens.length;
  const mean = (of: (token: TokenScore) => number) => tokens.reduce((sum, token) => sum + of(token), 0) / N;
  const sorted = Float64Array.from(tokens, ({ kl }) => kl).sort();
  const rank = (share: number) => sorted[Math.ceil(share * N) - 1] ?? NaN;
  const kl = mean((token) => token.kl);
  return {
    scored: N,
    perplexity: Math.exp(mean(({ surprise }) => surprise)),
    sourcePerplexity: Math.exp(mean(({ sourceSurprise }) => sourceSurprise)),
    kl: {
      mean: kl,
      error: Math.sqrt(mean((token) => (token.kl - kl) ** 2) / (N - 1)),
      median: rank(0.5),
      p99: rank(0.99),
      max: rank(1),
    },
    agreement: mean(({ agrees }) => (agrees ? 1 : 0)),
  };
}
