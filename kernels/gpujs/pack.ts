/** Matrices as the kernels of linear.ts want them. */
import type { PackedCut, Cut } from "./linear.ts";

/** Inputs that are summed before they are added to the rest. */
const SIZE = 64;

/** How rows of float32 are cut. */
export function cut(inputs: number): Cut {
  const groups = Math.floor(inputs / SIZE);
  return { inputs, groups, size: SIZE, rest: inputs - groups * SIZE };
}

/** How rows of int8 are cut, `size` inputs sharing a scale. */
export function packedCut(inputs: number, size: number): PackedCut {
  const full = Math.floor(size / 3);
  return { inputs, groups: inputs / size, size, words: Math.ceil(size / 3), full, rest: size - 3 * full };
}

/**
 * Puts the rows [first, first + count) of q [count I], a byte a weight with 128 added, into words [groups words][O], three to
 * a float32. The last word of a group has zeros where it is not full.
 */
export function packInt8(
  q: Uint8Array,
  { inputs, groups, size, words }: PackedCut,
  first: number,
  count: number,
  outputs: number,
  into: Float32Array,
): void {
  for (let r = 0; r < count; r++) {
    for (let g = 0; g < groups; g++) {
      const from = r * inputs + g * size;
      for (let j = 0; j < words; j++) {
        const at = from + 3 * j;
        const left = size - 3 * j;
        const word = q[at]! + (left > 1 ? 256 * q[at + 1]! : 0) + (left > 2 ? 65536 * q[at + 2]! : 0);
        into[(g * words + j) * outputs + first + r] = word;
      }
    }
  }
}

/** Puts the rows [first, first + count) of w [count I] into columns [I][O]. */
export function transpose(
  w: Float32Array,
  inputs: number,
  first: number,
  count: number,
  outputs: number,
  into: Float32Array,
): void {
  for (let r = 0; r < count; r++) {
    for (let i = 0; i < inputs; i++) into[i * outputs + first + r] = w[r * inputs + i]!;
  }
}
