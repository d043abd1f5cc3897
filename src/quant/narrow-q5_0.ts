import { farthest } from "./narrow-q4_0.ts";
import { half, MOST_HALF, type Narrow } from "./narrowing.ts";
import { Q5_0 as FORMAT } from "./q5_0.ts";

const round = Math.fround;

/**
 * To Q5_0: the value farthest from zero becomes -16, whichever its sign. It stands in for Q4_K where rows are no whole
 * number of 256 values.
 *
 *   d = farthest / -16,   q = min(31, floor(w (1 / d) + 16.5))
 *
 * layout   as q5_0.ts
 * numbers  float32, each operation rounded; as Q4_0's, with 16 for 8
 * source   ggml: quantize_row_q5_0_ref; gguf-py: quants.Q5_0
 * golden   quant/narrow.safetensors
 */
export const Q5_0: Narrow = {
  format: FORMAT,
  most: 16 * MOST_HALF,
  narrow(values, from, blocks, into, at) {
    for (let b = 0; b < blocks; b++, from += 32, at += 22) {
      const d = round(farthest(values, from, 32) / -16);
      const inverse = d === 0 ? 0 : round(1 / d);
      const bits = half(d);
      let top = 0;
      for (let i = 0; i < 16; i++) {
        const low = Math.min(31, round(round(values[from + i]! * inverse) + 16.5) | 0);
        const high = Math.min(31, round(round(values[from + i + 16]! * inverse) + 16.5) | 0);
        into[at + 6 + i] = (low & 15) | ((high & 15) << 4);
        top |= ((low >> 4) << i) | ((high >> 4) << (i + 16));
      }
      into.set([bits, bits >>> 8, top, top >>> 8, top >>> 16, top >>> 24], at);
    }
  },
};
