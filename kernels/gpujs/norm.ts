/**
 * rmsNorm on gpu.js: n[t c] = x[t c] / sqrt(mean_c x[t c]^2 + eps) * g[c].
 *
 *   1  rmsNormPlain     every thread sums the squares of its whole row
 *   2  squares, rmsNorm 64 threads a row sum a part each, then every thread adds those
 */
import type { Flat, Thread } from "./device.ts";

export function rmsNormPlain(
  this: Thread<{ readonly channels: number; readonly eps: number }>,
  x: Flat, // (T C)
  gain: Flat, // (C)
): number {
  const at = this.thread.y * this.constants.channels;
  let sum = 0;
  for (let c = 0; c < this.constants.channels; c++) {
    const v = x[at + c]!;
    sum += v * v;
  }
  const rms = Math.sqrt(sum / this.constants.channels + this.constants.eps);
  return (x[at + this.thread.x]! / rms) * gain[this.thread.x]!;
}

/** Threads that share a row. */
export const PARTS = 64;

/** Part x of the sum of squares of row y: channels x, x + 64, x + 128, ... */
export function squares(
  this: Thread<{ readonly channels: number; readonly rounds: number; readonly parts: number }>,
  x: Flat, // (T C)
): number {
  const at = this.thread.y * this.constants.channels;
  let sum = 0;
  for (let round = 0; round < this.constants.rounds; round++) {
    const c = round * this.constants.parts + this.thread.x;
    if (c < this.constants.channels) {
      const v = x[at + c]!;
      sum += v * v;
    }
  }
  return sum;
}

export function rmsNorm(
  this: Thread<{ readonly channels: number; readonly parts: number; readonly eps: number }>,
  x: Flat, // (T C)
  partial: Flat, // (T 64)
  gain: Flat, // (C)
): number {
  let sum = 0;
  for (let part = 0; part < this.constants.parts; part++) {
    sum += partial[this.thread.y * this.constants.parts + part]!;
  }
  const rms = Math.sqrt(sum / this.constants.channels + this.constants.eps);
  return (x[this.thread.y * this.constants.channels + this.thread.x]! / rms) * gain[this.thread.x]!;
}
