import type { Rope } from "../config.ts";
import { ShapeError } from "../errors.ts";
import { type Host, type Tensor, zeros } from "../tensor.ts";
import { frequencies } from "./frequencies.ts";
import { unwrap } from "./unwrap.ts";

/**
 * Rotary position: in each head, the pair (x[d], x[d + D/2]) turns by an angle that grows with the token's place p.
 *
 *   y[d]       = x[d] cos a - x[d + D/2] sin a        a = p f[d],  f[d] = theta^(-2d/D)
 *   y[d + D/2] = x[d] sin a + x[d + D/2] cos a        (f as in frequencies.ts; YaRN also multiplies cos and sin)
 *
 * shapes   x [T HD] or [T KD] -> the same; token t of the call stands at p = pos + t, from 0
 * numbers  the angle, its cosine and its sine are each rounded to float32, as Hugging Face rounds them. Left in
 *          float64, y would differ from Hugging Face by 3e-3 at p = 40959. Products in float64, one rounding on store.
 * cost     6 flops per element; T D/2 sines and cosines
 * throws   ShapeError if D is odd or does not divide the row
 * source   Su et al. 2021 (arXiv 2104.09864) 3.4.2; transformers qwen2: rotate_half, Qwen2RotaryEmbedding. The pairs are
 *          halves apart (GPT-NeoX), not neighbours as in the paper.
 * golden   ops/rope
 */
export function rope<A extends "T HD" | "T KD">(x: Tensor<A>, pos: number, R: Rope): Host<A> {
  const { data, shape } = unwrap(x, "rope");
  const [T = 0, width = 0] = shape;
  const { D } = R;
  if (D % 2 !== 0 || width % D !== 0) {
    throw new ShapeError("E_SHAPE", "rope", {
      expected: `rows of whole heads of ${D}, an even number`,
      actual: `[${shape.join(" ")}]`,
      hint: "Check head_dim in config.json.",
    });
  }
  const half = D / 2;
  const { f, attention } = frequencies(R);
  const y = zeros<A>(...shape);
  for (let t = 0; t < T; t++) {
    for (let d = 0; d < half; d++) {
      const angle = Math.fround((pos + t) * f[d]!);
      const cos = Math.fround(Math.fround(Math.cos(angle)) * attention);
      const sin = Math.fround(Math.fround(Math.sin(angle)) * attention);
      for (let i = t * width + d; i < (t + 1) * width; i += D) {
        y.data[i] = data[i]! * cos - data[i + half]! * sin;
        y.data[i + half] = data[i]! * sin + data[i + half]! * cos;
      }
    }
  }
  return y;
}
