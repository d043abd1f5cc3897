import { HALF } from "./f16.ts";
import type { Format } from "./format.ts";

/**
 * Q5_1: 32 values of 5 bits, with a scale and a minimum.
 *
 *   y[i] = d q[i] + m,   q[i] = 16 h[i] + (4 bits as in Q4_1)
 *
 * layout   24 bytes a block: f16 d | f16 m | u32 h, bit i for value i | u8 n[16], as in Q4_1
 * numbers  one rounding, on store, as in Q4_1 (d q lies below 2^21)
 * source   ggml: block_q5_1, dequantize_row_q5_1; gguf-py: quants.Q5_1. GGML_TYPE_Q5_1 = 7
 * golden   quant/formats.safetensors
 */
export const Q5_1: Format = {
  name: "Q5_1",
  block: 32,
  bytes: 24,
  widen(bytes, at, blocks, into, to) {
    for (let b = 0; b < blocks; b++, at += 24, to += 32) {
      const d = HALF[bytes[at]! | (bytes[at + 1]! << 8)]!;
      const m = HALF[bytes[at + 2]! | (bytes[at + 3]! << 8)]!;
      const h = bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24);
      for (let i = 0; i < 16; i++) {
        const n = bytes[at + 8 + i]!;
        into[to + i] = d * ((n & 15) | (((h >>> i) & 1) << 4)) + m;
        into[to + i + 16] = d * ((n >> 4) | (((h >>> (i + 16)) & 1) << 4)) + m;
      }
    }
  },
};
