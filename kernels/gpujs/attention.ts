/**
 * Causal attention on gpu.js, in four kernels. Keys and values have `rows` rows of room, of which pos + t + 1 are seen.
 *
 *   s[t h s] = q[t h] . k[s kh] / sqrt D;   m = max_s;   e = exp(s - m);   a[t h] = sum_s e v[s kh] / sum_s e
 */
import type { Flat, Matrix, Thread } from "./device.ts";

interface Heads {
  /** D. */
  readonly size: number;
  /** H. */
  readonly heads: number;
  /** Query heads to a key head. */
  readonly shared: number;
  /** Rows there is room for. */
  readonly rows: number;
}

/** Output [rows H T]: x is s, y the head, z the token. What is not seen gets -1e30: a GPU may not know infinity. */
export function scores(
  this: Thread<Heads & { readonly scale: number }>,
  q: Flat, // (T H D)
  keys: Matrix, // (rows)(K D)
  pos: number,
): number {
  if (this.thread.x > pos + this.thread.z) {
    return -1e30;
  }
  const at = (this.thread.z * this.constants.heads + this.thread.y) * this.constants.size;
  const first = Math.floor((this.thread.y + 0.5) / this.constants.shared) * this.constants.size;
  let sum = 0;
  for (let d = 0; d < this.constants.size; d++) {
    sum += q[at + d]! * keys[this.thread.x]![first + d]!;
  }
  return sum * this.constants.scale;
}

/** Output [H T]: the largest score. */
export function largest(
  this: Thread<Heads>,
  s: Matrix, // (T H)(rows)
): number {
  const row = this.thread.y * this.constants.heads + this.thread.x;
  let most = -1e30;
  for (let i = 0; i < this.constants.rows; i++) {
    most = Math.max(most, s[row]![i]!);
  }
  return most;
}

/** Output [rows H T]: exp(s - max). */
export function exponentials(
  this: Thread<Heads>,
  s: Matrix, // (T H)(rows)
  most: Flat, // (T H)
): number {
  const row = this.thread.z * this.constants.heads + this.thread.y;
  return Math.exp(s[row]![this.thread.x]! - most[row]!);
}

/** Output [D H T]: the values' mean by these weights. */
export function mix(
  this: Thread<Heads>,
  e: Matrix, // (T H)(rows)
  values: Matrix, // (rows)(K D)
): number {
  const row = this.thread.z * this.constants.heads + this.thread.y;
  const column = Math.floor((this.thread.y + 0.5) / this.constants.shared) * this.constants.size + this.thread.x;
  let total = 0;
  let sum = 0;
  for (let i = 0; i < this.constants.rows; i++) {
    const weight = e[row]![i]!;
    total += weight;
    sum += weight * values[i]![column]!;
  }
  return sum / total;
}
