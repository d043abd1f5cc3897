import { checkRows, pair, unwrap } from "../../reference/unwrap.ts";
import { type Host, type Tensor, zeros } from "../../tensor.ts";
import { rounded } from "./rounded.ts";

/**
 * Backward of `rmsNorm`, n[t c] = x[t c] r[t] g[c] with r[t] = (mean_c x[t c]^2 + eps)^(-1/2).
 *
 *   dg[c]   = sum_t dn[t c] x[t c] r[t]
 *   dx[t c] = r (dn[t c] g[c] - x[t c] r^2 m[t]),   m[t] = mean_c dn[t c] g[c] x[t c]
 *
 * x[t c] moves n in two ways: directly, and through r, which every channel of the token shares:
 * dr/dx[t c] = -r^3 x[t c] / C, whence the second term.
 *
 * shapes   dn and x [T C], g [C] -> dx [T C], dg [C]
 * numbers  float64, one rounding on store
 * throws   ShapeError if the rows of dn and x are not as wide as g
 * source   Zhang and Sennrich 2019 (arXiv 1910.07467) section 4, gradients; transformers qwen2: Qwen2RMSNorm, by autograd
 * golden   backward/ops
 */
export function rmsNorm(
  dn: Tensor<"T C">,
  x: Tensor<"T C">,
  g: Tensor<"C">,
  eps: number,
): { readonly dx: Host<"T C">; readonly dg: Host<"C"> } {
  const gain = unwrap(g, "rmsNorm").data;
  const C = gain.length;
  checkRows(x, C, "rmsNorm", "x");
  const [error, input] = pair(dn, x, "rmsNorm");
  const dx = zeros<"T C">(...x.shape);
  const dg = new Float64Array(C);
  for (let t = 0; t < input.length; t += C) {
    let [squares, m] = [0, 0];
    for (let c = t; c < t + C; c++) {
      squares += input[c]! * input[c]!;
      m += error[c]! * gain[c - t]! * input[c]!;
    }
    const r = 1 / Math.sqrt(squares / C + eps);
    for (let c = t; c < t + C; c++) {
      dg[c - t]! += error[c]! * input[c]! * r;
      dx.data[c] = r * (error[c]! * gain[c - t]! - input[c]! * r * r * (m / C));
    }
  }
  return { dx, dg: rounded([C], dg) };
}
