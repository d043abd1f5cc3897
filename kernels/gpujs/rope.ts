/**
 * rope on gpu.js: in each head, the pair (x[d], x[d + D/2]) turns by an angle that grows with the token's place.
 *
 * Cosines and sines come from a table, made here with the reference's roundings: on a GPU, sin(10000) has three digits.
 */
import type { Rope } from "../../src/config.ts";
import { frequencies } from "../../src/reference/frequencies.ts";
import type { Flat, Thread } from "./device.ts";

/** cos and sin [T D/2] of the angles of T tokens from place `pos` on, rounded as src/reference/rope.ts rounds them. */
export function turns(R: Rope, pos: number, T: number): { readonly cos: Float32Array; readonly sin: Float32Array } {
  const { f, attention } = frequencies(R);
  const half = R.D / 2;
  const [cos, sin] = [new Float32Array(T * half), new Float32Array(T * half)];
  for (let t = 0; t < T; t++) {
    for (let d = 0; d < half; d++) {
      const angle = Math.fround((pos + t) * f[d]!);
      cos[t * half + d] = Math.fround(Math.cos(angle)) * attention;
      sin[t * half + d] = Math.fround(Math.sin(angle)) * attention;
    }
  }
  return { cos, sin };
}

/** Output [D heads T]: x is d, y the head, z the token. */
export function rope(
  this: Thread<{ readonly size: number; readonly half: number; readonly heads: number }>,
  x: Flat, // (T heads D)
  cos: Flat, // (T D/2)
  sin: Flat, // (T D/2)
): number {
  const at = (this.thread.z * this.constants.heads + this.thread.y) * this.constants.size;
  const turn = this.thread.z * this.constants.half;
  if (this.thread.x < this.constants.half) {
    const d = this.thread.x;
    return x[at + d]! * cos[turn + d]! - x[at + d + this.constants.half]! * sin[turn + d]!;
  }
  const d = this.thread.x - this.constants.half;
  return x[at + d]! * sin[turn + d]! + x[at + d + this.constants.half]! * cos[turn + d]!;
}
