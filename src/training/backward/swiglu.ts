import { pair } from "../../reference/unwrap.ts";
import { type Host, type Tensor, zeros } from "../../tensor.ts";

/**
 * Backward of `swiglu`, h = g s u with s = sigmoid(g) = 1 / (1 + exp(-g)).
 *
 *   dgate[t f] = dh u s (1 + g (1 - s))        since ds/dg = s (1 - s)
 *   dup[t f]   = dh g s
 *
 * shapes   dh, gate and up [T F] -> dgate and dup [T F]
 * numbers  float64, one rounding on store
 * throws   ShapeError if the three differ in shape
 * source   Shazeer 2020 (arXiv 2002.05202) eq. 5; torch.nn.SiLU's backward
 * golden   backward/ops
 */
export function swiglu(
  dh: Tensor<"T F">,
  gate: Tensor<"T F">,
  up: Tensor<"T F">,
): { readonly dgate: Host<"T F">; readonly dup: Host<"T F"> } {
  const [g, u] = pair(gate, up, "swiglu");
  const [error] = pair(dh, gate, "swiglu");
  const [dgate, dup] = [zeros<"T F">(...gate.shape), zeros<"T F">(...gate.shape)];
  for (let i = 0; i < g.length; i++) {
    const s = 1 / (1 + Math.exp(-g[i]!));
    dgate.data[i] = error[i]! * u[i]! * s * (1 + g[i]! * (1 - s));
    dup.data[i] = error[i]! * g[i]! * s;
  }
  return { dgate, dup };
}
