import { type Host, zeros } from "qwq-ts";

/**
 * SwiGLU's gate: `up` let through as far as silu of `gate` allows.
 *
 *   h[t f] = g sigmoid(g) u = g / (1 + exp(-g)) u,   g = gate[t f], u = up[t f]
 *
 * shapes   gate [T F], up [T F] -> [T F]
 * numbers  float64, one rounding on store: within 1 ulp of the truth
 * throws   ShapeError if the two differ in shape
 * source   Shazeer 2020 (arXiv 2002.05202) eq. 5; transformers qwen2: Qwen2MLP (act_fn = torch.nn.SiLU)
 */
export function swiglu(gate: Host<"T F">, up: Host<"T F">): Host<"T F"> {
  throw new Error("swiglu is not written yet");
}
