import { farthest } from "./narrow-q4_0.ts";
import { half, MOST_HALF, type Narrow } from "./narrowing.ts";
import { Q8_0 as FORMAT } from "./q8_0.ts";

const round = Math.fround;

/**
 * To Q8_0: the largest |w| of 32 becomes 127.
 *
 *   d = max |w| / 127,   q = w (1 / d) to the nearest, halves away from zero
 *
 * layout   as q8_0.ts
 * numbers  float32, each operation rounded. q is found with d, the file keeps d as a half: |y - w| <= d/2 + 127 |d - half(d)|
 *          and a few ulp, so at most 0.57 d where d is a normal half (from 2^-14 on)
 * source   ggml: quantize_row_q8_0_ref; gguf-py: quants.Q8_0
 * golden   quant/narrow.safetensors
 */
export const Q8_0: Narrow = {
  format: FORMAT,
  most: 127 * MOST_HALF,
  narrow(values, from, blocks, into, at) {
    for (let b = 0; b < blocks; b++, from += 32, at += 34) {
      const d = round(Math.abs(farthest(values, from, 32)) / 127);
      const inverse = d === 0 ? 0 : round(1 / d);
      const bits = half(d);
      into[at] = bits;
      into[at + 1] = bits >>> 8;
      for (let i = 0; i < 32; i++) {
        const q = round(values[from + i]! * inverse);
        into[at + 2 + i] = (q < 0 ? q - 0.5 : q + 0.5) | 0;
      }
    }
  },
};
