import { HALF } from "./f16.ts";
import type { Format } from "./format.ts";

/**
 * Q5_0: 32 values of 5 bits about zero, under one scale.
 *
 *   y[i] = d (q[i] - 16),   q[i] = 16 h[i] + (4 bits as in Q4_0)
 *
 * layout   22 bytes a block: f16 d | u32 h, bit i for value i | u8 n[16], as in Q4_0
 * numbers  exact: 11 bits of d by 5 of q fit float32
 * source   ggml: block_q5_0, dequantize_row_q5_0; gguf-py: quants.Q5_0. GGML_TYPE_Q5_0 = 6
 * golden   quant/formats.safetensors
 */
export const Q5_0: Format = {
  name: "Q5_0",
  block: 32,
  bytes: 22,
  widen(bytes, at, blocks, into, to) {
    for (let b = 0; b < blocks; b++, at += 22, to += 32) {
      const d = HALF[bytes[at]! | (bytes[at + 1]! << 8)]!;
      const h = bytes[at + 2]! | (bytes[at + 3]! << 8) | (bytes[at + 4]! << 16) | (bytes[at + 5]! << 24);
      for (let i = 0; i < 16; i++) {
        const n = bytes[at + 6 + i]!;
        into[to + i] = d * (((n & 15) | (((h >>> i) & 1) << 4)) - 16);
        into[to + i + 16] = d * (((n >> 4) | (((h >>> (i + 16)) & 1) << 4)) - 16);
      }
    }
  },
};
