import { ShapeError } from "../errors.ts";
import { type AnyTensor, type Host, type Tensor, zeros } from "../tensor.ts";
import { data } from "./unwrap.ts";

/**
 * Causal attention with shared keys: each query head looks at every token up to its own and averages their values.
 *
 *   p[s] = softmax_s(q[t h] . k[s kh] / sqrt D),   s = 0 .. place of t
 *   a[t h] = sum_s p[s] v[s kh],                   kh = floor(h / (H / K))
 *
 * shapes   q [T HD], keys and values [S KD] -> [T HD]; the new tokens are the last T of the S
 * numbers  scores, exponentials and both sums in float64, s ascending, one rounding on store. Hugging Face rounds
 *          scores, weights and sums to float32. A row depends on its own query alone: chunks give the same bits.
 * cost     4 S HD flops a token
 * throws   ShapeError if heads do not divide, or S < T
 * source   Vaswani et al. 2017 (arXiv 1706.03762) 3.2.1; Ainslie et al. 2023 (arXiv 2305.13245) 2.2 for shared keys;
 *          transformers qwen2: eager_attention_forward, repeat_kv
 * golden   ops/attention
 */
export function attention(q: Tensor<"T HD">, keys: Tensor<"S KD">, values: Tensor<"S KD">, D: number): Host<"T HD"> {
  const { T, HD, S, KD } = attentionSizes(q, keys, values, D);
  const [Q, k, v] = [data(q, "attention"), data(keys, "attention"), data(values, "attention")];
  const queriesPerKey = HD / KD;
  const a = zeros<"T HD">(T, HD);
  const p = new Float64Array(S);
  const sum = new Float64Array(D);
  for (let t = 0; t < T; t++) {
    const seen = S - T + t + 1;
    for (let h = 0; h < HD / D; h++) {
      const qt = t * HD + h * D;
      const kh = Math.floor(h / queriesPerKey) * D;
      softmaxScores(p, seen, Q, qt, k, kh, KD, D);
      sum.fill(0);
      for (let s = 0; s < seen; s++) {
        for (let d = 0; d < D; d++) sum[d]! += p[s]! * v[s * KD + kh + d]!;
      }
      a.data.set(sum, qt);
    }
  }
  return a;
}

/** p[s] = softmax over the first `seen` keys of one head of q . k[s] / sqrt D, in float64. */
export function softmaxScores(
  p: Float64Array,
  seen: number,
  q: Float32Array,
  qt: number,
  k: Float32Array,
  kh: number,
  KD: number,
  D: number,
): void {
  const scale = 1 / Math.sqrt(D);
  let largest = -Infinity;
  for (let s = 0; s < seen; s++) {
    let score = 0;
    for (let d = 0; d < D; d++) score += q[qt + d]! * k[s * KD + kh + d]!;
    p[s] = score * scale;
    if (p[s]! > largest) largest = p[s]!;
  }
  let total = 0;
  for (let s = 0; s < seen; s++) total += p[s] = Math.exp(p[s]! - largest);
  for (let s = 0; s < seen; s++) p[s]! /= total;
}

/** The sizes of attention, checked. Throws ShapeError where they do not fit. */
export function attentionSizes(q: AnyTensor, keys: AnyTensor, values: AnyTensor, D: number) {
  const [T = 0, HD = 0] = q.shape;
  const [S = 0, KD = 0] = keys.shape;
  const heads = HD % KD === 0 && KD % D === 0;
  if (!heads || S < T || values.shape[0] !== S || values.shape[1] !== KD) {
    throw new ShapeError("E_SHAPE", "attention", {
      expected: `q [T HD], keys and values [S KD] with S >= T and whole heads of ${D}`,
      actual: `[${q.shape.join(" ")}], [${keys.shape.join(" ")}] and [${values.shape.join(" ")}]`,
      hint: "Check num_attention_heads and num_key_value_heads in config.json.",
    });
  }
  return { T, HD, S, KD };
}
