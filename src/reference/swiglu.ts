import { type Host, type Tensor, zeros } from "../tensor.ts";
import { pair } from "./unwrap.ts";

/**
 * SwiGLU's gate: `up` let through as far as silu of `gate` allows.
 *
 *   h[t f] = g sigmoid(g) u = g / (1 + exp(-g)) u,   g = gate[t f], u = up[t f]
 *
 * shapes   gate [T F], up [T F] -> [T F]
 * numbers  float64, one rounding on store: within 1 ulp of the truth
 * throws   ShapeError if the two differ in shape
 * source   Shazeer 2020 (arXiv 2002.05202) eq. 5; transformers qwen2: Qwen2MLP (act_fn = torch.nn.SiLU)
 * golden   ops/swiglu
 */
export function swiglu(gate: Tensor<"T F">, up: Tensor<"T F">): Host<"T F"> {
  const [g, u] = pair(gate, up, "swiglu");
  const h = zeros<"T F">(...gate.shape);
  for (let i = 0; i < g.length; i++) h.data[i] = (g[i]! / (1 + Math.exp(-g[i]!))) * u[i]!;
  return h;
}
