import { type Host, type Tensor, zeros } from "../tensor.ts";
import { checkRows, unwrap } from "./unwrap.ts";

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
 * golden   ops/rms-norm
 */
export function rmsNorm(x: Tensor<"T C">, g: Tensor<"C">, eps: number): Host<"T C"> {
  const gain = unwrap(g, "rmsNorm").data;
  const { data } = unwrap(x, "rmsNorm");
  const C = gain.length;
  checkRows(x, C, "rmsNorm", "x");
  const n = zeros<"T C">(...x.shape);
  for (let t = 0; t < data.length; t += C) {
    let squares = 0;
    for (let c = 0; c < C; c++) squares += data[t + c]! * data[t + c]!;
    const scale = 1 / Math.sqrt(squares / C + eps);
    for (let c = 0; c < C; c++) n.data[t + c] = data[t + c]! * scale * gain[c]!;
  }
  return n;
}
