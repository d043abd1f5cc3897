import { type Host, zeros } from "qwq-ts";

/**
 * Root mean square norm: each row brought to unit length per channel, then scaled channel by channel.
 *
 *   n[t c] = x[t c] / sqrt(mean_c x[t c]^2 + eps) * g[c]
 *
 * shapes   x [T C], g [C] -> [T C]
 * numbers  squares, mean and products in float64, one rounding on store: within 1 ulp of the truth.
 *          Hugging Face rounds x / rms before it multiplies by g; in float32 that is one rounding more.
 * throws   ShapeError if the rows of x are not as wide as g
 * source   Zhang and Sennrich 2019 (arXiv 1910.07467) eq. 4; transformers qwen2: Qwen2RMSNorm
 */
export function rmsNorm(x: Host<"T C">, g: Host<"C">, eps: number): Host<"T C"> {
  throw new Error("rmsNorm is not written yet");
}
