/**
 * linear on gpu.js: y[t o] = sum_i W[o i] x[t i] + b[o], one thread an output.
 *
 *   1  linearRows       float32, W as files have it, w[o][i]
 *   2  linearColumns    float32, W transposed, w[i][o]: neighbouring threads read neighbouring weights
 *   3  linearPacked     int8, three to a float, transposed, w[j][o]: a third of the bytes
 *   4  linearFused      the same with the bias in the kernel (the others leave it to addBias)
 *
 * Sums are made in two steps, so that float32 loses less: over a group of inputs, then over the groups.
 */
import { type Flat, isTextures, type Matrix, type Report, type Thread } from "./device.ts";

/** Inputs of a row, and how they are cut: `groups` of `size`, and `rest` more. */
export interface Cut {
  readonly inputs: number;
  readonly groups: number;
  readonly size: number;
  readonly rest: number;
}

export function linearRows(
  this: Thread<Cut>,
  w: Matrix, // (O)(I)
  x: Flat, // (T I)
): number {
  const at = this.thread.y * this.constants.inputs;
  let sum = 0;
  for (let g = 0; g < this.constants.groups; g++) {
    const first = g * this.constants.size;
    let part = 0;
    for (let i = 0; i < this.constants.size; i++) {
      part += w[this.thread.x]![first + i]! * x[at + first + i]!;
    }
    sum += part;
  }
  const last = this.constants.groups * this.constants.size;
  let tail = 0;
  for (let i = 0; i < this.constants.rest; i++) {
    tail += w[this.thread.x]![last + i]! * x[at + last + i]!;
  }
  return sum + tail;
}

export function linearColumns(
  this: Thread<Cut>,
  w: Matrix, // (I)(O)
  x: Flat, // (T I)
): number {
  const at = this.thread.y * this.constants.inputs;
  let sum = 0;
  for (let g = 0; g < this.constants.groups; g++) {
    const first = g * this.constants.size;
    let part = 0;
    for (let i = 0; i < this.constants.size; i++) {
      part += w[first + i]![this.thread.x]! * x[at + first + i]!;
    }
    sum += part;
  }
  const last = this.constants.groups * this.constants.size;
  let tail = 0;
  for (let i = 0; i < this.constants.rest; i++) {
    tail += w[last + i]![this.thread.x]! * x[at + last + i]!;
  }
  return sum + tail;
}

/** How a row of int8 is cut: groups that share a scale, each of `full` words of three weights and `rest` weights more. */
export interface PackedCut {
  readonly inputs: number;
  readonly groups: number;
  /** Inputs of a group. */
  readonly size: number;
  /** Words of a group, the last of which may not be full. */
  readonly words: number;
  readonly full: number;
  readonly rest: number;
}

/** A word is a + 256 b + 65536 c of three weights plus 128: below 2^24, so a float32 has it exactly. */
export function linearPacked(
  this: Thread<PackedCut>,
  words: Matrix, // (groups words)(O)
  scales: Matrix, // (groups)(O)
  x: Flat, // (T I)
): number {
  const o = this.thread.x;
  let sum = 0;
  for (let g = 0; g < this.constants.groups; g++) {
    const at = this.thread.y * this.constants.inputs + g * this.constants.size;
    const first = g * this.constants.words;
    let part = 0;
    for (let j = 0; j < this.constants.full; j++) {
      const v = words[first + j]![o]!;
      const c = Math.floor(v * 0.0000152587890625);
      const r = v - c * 65536;
      const b = Math.floor(r * 0.00390625);
      const a = r - b * 256;
      part += (a - 128) * x[at + 3 * j]! + (b - 128) * x[at + 3 * j + 1]! + (c - 128) * x[at + 3 * j + 2]!;
    }
    if (this.constants.rest > 0) {
      const v = words[first + this.constants.full]![o]!;
      const c = Math.floor(v * 0.0000152587890625);
      const r = v - c * 65536;
      const b = Math.floor(r * 0.00390625);
      const a = r - b * 256;
      part += (a - 128) * x[at + 3 * this.constants.full]!;
      if (this.constants.rest > 1) part += (b - 128) * x[at + 3 * this.constants.full + 1]!;
    }
    sum += part * scales[g]![o]!;
  }
  return sum;
}

/** The same, and the bias. */
export function linearFused(
  this: Thread<PackedCut>,
  words: Matrix, // (groups words)(O)
  scales: Matrix, // (groups)(O)
  x: Flat, // (T I)
  bias: Flat, // (O)
): number {
  const o = this.thread.x;
  let sum = 0;
  for (let g = 0; g < this.constants.groups; g++) {
    const at = this.thread.y * this.constants.inputs + g * this.constants.size;
    const first = g * this.constants.words;
    let part = 0;
    for (let j = 0; j < this.constants.full; j++) {
      const v = words[first + j]![o]!;
      const c = Math.floor(v * 0.0000152587890625);
      const r = v - c * 65536;
      const b = Math.floor(r * 0.00390625);
      const a = r - b * 256;
      part += (a - 128) * x[at + 3 * j]! + (b - 128) * x[at + 3 * j + 1]! + (c - 128) * x[at + 3 * j + 2]!;
    }
    if (this.constants.rest > 0) {
      const v = words[first + this.constants.full]![o]!;
      const c = Math.floor(v * 0.0000152587890625);
      const r = v - c * 65536;
      const b = Math.floor(r * 0.00390625);
      const a = r - b * 256;
      part += (a - 128) * x[at + 3 * this.constants.full]!;
      if (this.constants.rest > 1) part += (b - 128) * x[at + 3 * this.constants.full + 1]!;
    }
    sum += part * scales[g]![o]!;
  }
  return sum + bias[o]!;
}

/** b added to every row: y[t o] + b[o]. */
export function addBias(
  this: Thread<{ readonly outputs: number }>,
  y: Flat, // (T O)
  b: Flat, // (O)
): number {
  return y[this.thread.y * this.constants.outputs + this.thread.x]! + b[this.thread.x]!;
}

/**
 * How float32 lies. A processor, also one that plays a GPU, reads a row as it is: columns took half as long again to three
 * times as long (docs/gpu.md). On a GPU neighbouring threads should read neighbouring weights; that was not measured.
 */
export function layoutOf({ mode, software }: Pick<Report, "mode" | "software">): "rows" | "columns" {
  return (mode === "webgpu" && !software) || isTextures(mode) ? "columns" : "rows";
}

/** For float32 by how it lies, for int8, and for int8 with a bias. */
export const best = {
  rows: linearRows,
  columns: linearColumns,
  integers: linearPacked,
  biased: linearFused,
} as const;
