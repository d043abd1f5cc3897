/** The residual addition, SwiGLU's gate and the choice of rows, on gpu.js: one thread an element. */
import type { Flat, Thread } from "./device.ts";

/** z = x + y */
export function add(this: Thread<object>, x: Flat, y: Flat): number {
  return x[this.thread.x]! + y[this.thread.x]!;
}

/**
 * h = g sigmoid(g) u. From g = -89 on, exp(-g) is infinite in float32, and exp(g) subnormal; its root is neither. There
 * 1 + exp(g) is 1.
 */
export function swiglu(this: Thread<object>, gate: Flat, up: Flat): number {
  const g = gate[this.thread.x]!;
  if (g < -80) {
    const root = Math.exp(g * 0.5);
    return g * root * (root * up[this.thread.x]!);
  }
  return (g / (1 + Math.exp(-g))) * up[this.thread.x]!;
}

/** Elements from `first` on. */
export function slice(this: Thread<object>, x: Flat, first: number): number {
  return x[this.thread.x + first]!;
}
