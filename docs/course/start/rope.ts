import { type Host, type Rope, zeros, frequencies } from "qwq-ts";

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
 */
export function rope<A extends "T HD" | "T KD">(x: Host<A>, pos: number, R: Rope): Host<A> {
  throw new Error("rope is not written yet");
}
