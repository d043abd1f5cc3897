/** Flash attention in a low format: what llama.cpp computes on processors. */
import { exp } from "./math.ts";
import type { Rounding } from "./formats.ts";
import { dotOf } from "./orders.ts";
import type { Run } from "./policies.ts";

/** A query, and the keys and values that it sees: head columns `at` of rows of `width`. */
export interface Seen {
  readonly query: Float64Array;
  readonly keys: Float64Array;
  readonly values: Float64Array;
  readonly at: number;
  readonly width: number;
  readonly count: number;
  readonly scale: number;
}

/**
 * One query's attention, in one pass over the keys: with each, what was summed before shrinks if its score is the largest yet.
 *
 *   m' = max(m, s),  w = e^(s - m'),  r = e^(m - m'),  y' = r y + w v,  n' = r n + w,  a = y / n
 *
 * shapes   query [D], keys and values [S KD] -> a [D]
 * numbers  query, keys and values are of the low format already; s, m, w, n in float32; y is rounded to the low format after
 *          each key, and once more where it shrinks
 * source   llama.cpp, ggml-cpu/ops.cpp: ggml_compute_forward_flash_attn_ext_f16_one_chunk, which takes prompts of fewer than
 *          64 tokens; from 64 on it sums in float32 and leaves the query as it is, which is nearer to the truth
 */
export function flash({ query, keys, values, at, width, count, scale }: Seen, low: Rounding, run: Run): Float64Array {
  const { round: inner } = run.policy.work;
  const [D, dot] = [query.length, dotOf(run.order)];
  const y = new Float64Array(D);
  let [most, total] = [-Infinity, 0];
  for (let s = 0; s < count; s++) {
    const score = inner(inner(dot(query, 0, keys, s * width + at, 1, D)) * scale);
    const larger = score > most;
    const shrink = larger ? inner(exp(inner(most - score))) : 1;
    const weight = larger ? 1 : inner(exp(inner(score - most)));
    if (larger) most = score;
    for (let d = 0; d < D; d++) {
      const before = larger ? low.round(inner(y[d]! * shrink)) : y[d]!;
      y[d] = low.round(inner(before + weight * values[s * width + at + d]!));
    }
    total = inner(inner(total * shrink) + weight);
  }
  return y.map((sum) => (total === 0 ? 0 : sum * inner(1 / total)));
}
