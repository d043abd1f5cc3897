import { HALF } from "./f16.ts";
import type { Format } from "./format.ts";

/**
 * Q4_1: 32 values of 4 bits, with a scale and a minimum.
 *
 *   y[i] = d q[i] + m
 *
 * layout   20 bytes a block: f16 d | f16 m | u8 n[16]; the low half of n[i] is q[i], the high half q[i + 16]
 * numbers  d q is exact, and d q + m exact in float64 (both lie between 2^-24 and 2^20), so the store rounds once, as
 *          float32 arithmetic does
 * source   ggml: block_q4_1, dequantize_row_q4_1; gguf-py: quants.Q4_1. GGML_TYPE_Q4_1 = 3
 * golden   quant/formats.safetensors
 */
export const Q4_1: Format = {
  name: "Q4_1",
  block: 32,
  bytes: 20,
  widen(bytes, at, blocks, into, to) {
    for (let b = 0; b < blocks; b++, at += 20, to += 32) {
      const d = HALF[bytes[at]! | (bytes[at + 1]! << 8)]!;
      const m = HALF[bytes[at + 2]! | (bytes[at + 3]! << 8)]!;
      for (let i = 0; i < 16; i += 4) {
        const n0 = bytes[at + 4 + i]!;
        const n1 = bytes[at + 5 + i]!;
        const n2 = bytes[at + 6 + i]!;
        const n3 = bytes[at + 7 + i]!;
        into[to + i] = d * (n0 & 15) + m;
        into[to + i + 1] = d * (n1 & 15) + m;
        into[to + i + 2] = d * (n2 & 15) + m;
        into[to + i + 3] = d * (n3 & 15) + m;
        into[to + i + 16] = d * (n0 >> 4) + m;
        into[to + i + 17] = d * (n1 >> 4) + m;
        into[to + i + 18] = d * (n2 >> 4) + m;
        into[to + i + 19] = d * (n3 >> 4) + m;
      }
    }
  },
};
