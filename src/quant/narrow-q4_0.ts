import { half, MOST_HALF, type Narrow } from "./narrowing.ts";
import { Q4_0 as FORMAT } from "./q4_0.ts";

const round = Math.fround;

/** The value of `count`, from `values[from]` on, that lies farthest from zero, with its sign; the first of several. */
export function farthest(values: Float32Array, from: number, count: number): number {
  let [most, value] = [0, 0];
  for (let i = from; i < from + count; i++) {
    const size = Math.abs(values[i]!);
    if (size > most) [most, value] = [size, values[i]!];
  }
  return value;
}

/**
 * To Q4_0: the value farthest from zero becomes -8, whichever its sign.
 *
 *   d = farthest / -8,   q = min(15, floor(w (1 / d) + 8.5))
 *
 * layout   as q4_0.ts
 * numbers  float32, each operation rounded; what lies opposite to the farthest may be 7.5 d or more and becomes 7 d, so the
 *          error is up to d there, d/2 elsewhere, and 8 |d - half(d)| more since the file keeps d as a half
 * source   ggml: quantize_row_q4_0_ref; gguf-py: quants.Q4_0
 * golden   quant/narrow.safetensors
 */
export const Q4_0: Narrow = {
  format: FORMAT,
  most: 8 * MOST_HALF,
  narrow(values, from, blocks, into, at) {
    for (let b = 0; b < blocks; b++, from += 32, at += 18) {
      const d = round(farthest(values, from, 32) / -8);
      const inverse = d === 0 ? 0 : round(1 / d);
      const bits = half(d);
      into[at] = bits;
      into[at + 1] = bits >>> 8;
      for (let i = 0; i < 16; i++) {
        const low = round(round(values[from + i]! * inverse) + 8.5) | 0;
        const high = round(round(values[from + i + 16]! * inverse) + 8.5) | 0;
        into[at + 2 + i] = Math.min(15, low) | (Math.min(15, high) << 4);
      }
    }
  },
};
