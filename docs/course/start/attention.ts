import { type Host, zeros } from "qwq-ts";

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
 */
export function attention(q: Host<"T HD">, keys: Host<"S KD">, values: Host<"S KD">, D: number): Host<"T HD"> {
  throw new Error("attention is not written yet");
}
