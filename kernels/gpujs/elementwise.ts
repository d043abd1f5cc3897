/** The residual addition, SwiGLU's gate and the choice of rows, on gpu.js: one thread an element. */
import type { Flat, Thread } from "./device.ts";

/** z = x + y */
export function add(this: Thread<object>, x: Flat, y: Flat): number {
  return x[this.thread.x]! + y[this.thread.x]!;
}

/** h = g sigmoid(g) u. From g = -89 on, exp(-g) is infinite in float32 and h is 0, where the truth is below 1e-36 u. */
export function swiglu(this: Thread<object>, gate: Flat, up: Flat): number {
  const g = gate[this.thread.x]!;
  return (g / (1 + Math.exp(-g))) * up[this.thread.x]!;
}

/** Elements from `first` on. */
export function slice(this: Thread<object>, x: Flat, first: number): number {
  return x[this.thread.x + first]!;
}
