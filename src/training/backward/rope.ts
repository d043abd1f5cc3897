import type { Rope } from "../../config.ts";
import { frequencies } from "../../reference/frequencies.ts";
import { unwrap } from "../../reference/unwrap.ts";
import { type Host, type Tensor, zeros } from "../../tensor.ts";

/**
 * Backward of `rope`: a turn is undone by the opposite turn, since the transpose of a rotation is its inverse.
 *
 *   dx[d]       =  dy[d] cos a + dy[d + D/2] sin a
 *   dx[d + D/2] = -dy[d] sin a + dy[d + D/2] cos a        a = p f[d]
 *
 * shapes   dy [T HD] or [T KD] -> the same; token t stands at p = pos + t
 * numbers  the same rounded cosines and sines as forward, so YaRN's factor is in both; products in float64, one rounding
 * source   Su et al. 2021 (arXiv 2104.09864) 3.4.2; transformers qwen2: apply_rotary_pos_emb, by autograd
 * golden   backward/ops
 */
export function rope<A extends "T HD" | "T KD">(dy: Tensor<A>, pos: number, R: Rope): Host<A> {
  const { data, shape } = unwrap(dy, "rope");
  const [T = 0, width = 0] = shape;
  const half = R.D / 2;
  const { f, attention } = frequencies(R);
  const dx = zeros<A>(...shape);
  for (let t = 0; t < T; t++) {
    for (let d = 0; d < half; d++) {
      const angle = Math.fround((pos + t) * f[d]!);
      const cos = Math.fround(Math.fround(Math.cos(angle)) * attention);
      const sin = Math.fround(Math.fround(Math.sin(angle)) * attention);
      for (let i = t * width + d; i < (t + 1) * width; i += R.D) {
        dx.data[i] = data[i]! * cos + data[i + half]! * sin;
        dx.data[i + half] = data[i + half]! * cos - data[i]! * sin;
      }
    }
  }
  return dx;
}
