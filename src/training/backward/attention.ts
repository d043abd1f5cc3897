import { attentionSizes, softmaxScores } from "../../reference/attention.ts";
import { data } from "../../reference/unwrap.ts";
import { type Host, type Tensor, zeros } from "../../tensor.ts";
import { rounded } from "./rounded.ts";

/** How the loss changes with queries, keys and values. */
export interface AttentionGradient {
  readonly dq: Host<"T HD">;
  readonly dk: Host<"S KD">;
  readonly dv: Host<"S KD">;
}

/**
 * Backward of `attention`, a[t h] = sum_s p[s] v[s kh] with p = softmax_s(z), z[s] = q[t h] . k[s kh] / sqrt D.
 *
 *   dv[s kh] = sum p[s] da[t h]                          over the tokens t that see s, and the heads h that share kh
 *   dp[s]    = da[t h] . v[s kh]
 *   dz[s]    = p[s] (dp[s] - sum_r p[r] dp[r])           the softmax's own Jacobian, diag(p) - p p'
 *   dq[t h]  = sum_s dz[s] k[s kh] / sqrt D
 *   dk[s kh] = sum dz[s] q[t h] / sqrt D                 over the same t and h as dv
 *
 * shapes   da and q [T HD], keys and values [S KD] -> dq [T HD], dk and dv [S KD]
 * numbers  p is computed again, as forward does; everything in float64, one rounding on store
 * cost     10 S HD flops a token
 * throws   ShapeError as `attention`
 * source   Dao et al. 2022 (arXiv 2205.14135) appendix B.2; transformers qwen2: eager_attention_forward, by autograd
 * golden   backward/ops
 */
export function attention(
  da: Tensor<"T HD">,
  q: Tensor<"T HD">,
  keys: Tensor<"S KD">,
  values: Tensor<"S KD">,
  D: number,
): AttentionGradient {
  const { T, HD, S, KD } = attentionSizes(q, keys, values, D);
  const [error, Q] = [data(da, "attention"), data(q, "attention")];
  const [k, v] = [data(keys, "attention"), data(values, "attention")];
  const dq = zeros<"T HD">(T, HD);
  const [dk, dv] = [new Float64Array(S * KD), new Float64Array(S * KD)];
  const [p, dp, sum] = [new Float64Array(S), new Float64Array(S), new Float64Array(D)];
  for (let t = 0; t < T; t++) {
    const seen = S - T + t + 1;
    for (let h = 0; h < HD / D; h++) {
      const qt = t * HD + h * D;
      const kh = Math.floor(h / (HD / KD)) * D;
      softmaxScores(p, seen, Q, qt, k, kh, KD, D);
      for (let s = 0; s < seen; s++) {
        let product = 0;
        for (let d = 0; d < D; d++) {
          product += error[qt + d]! * v[s * KD + kh + d]!;
          dv[s * KD + kh + d]! += p[s]! * error[qt + d]!;
        }
        dp[s] = product;
      }
      softmaxBackward(dp, p, seen, 1 / Math.sqrt(D));
      sum.fill(0);
      for (let s = 0; s < seen; s++) {
        for (let d = 0; d < D; d++) {
          sum[d]! += dp[s]! * k[s * KD + kh + d]!;
          dk[s * KD + kh + d]! += dp[s]! * Q[qt + d]!;
        }
      }
      dq.data.set(sum, qt);
    }
  }
  return { dq, dk: rounded([S, KD], dk), dv: rounded([S, KD], dv) };
}

/** dp becomes scale dz: of each score before it was scaled. */
function softmaxBackward(dp: Float64Array, p: Float64Array, seen: number, scale: number): void {
  let mean = 0;
  for (let s = 0; s < seen; s++) mean += p[s]! * dp[s]!;
  for (let s = 0; s < seen; s++) dp[s] = p[s]! * (dp[s]! - mean) * scale;
}
