import { HALF } from "./f16.ts";
import type { Format } from "./format.ts";

/**
 * Q4_0: 32 values of 4 bits about zero, under one scale.
 *
 *   y[i] = d (q[i] - 8)
 *
 * layout   18 bytes a block: f16 d | u8 n[16]; the low half of n[i] is q[i], the high half q[i + 16]
 * numbers  exact: 11 bits of d by 4 of q fit float32
 * source   ggml: block_q4_0, dequantize_row_q4_0; gguf-py: quants.Q4_0. GGML_TYPE_Q4_0 = 2
 * golden   quant/formats.safetensors
 */
export const Q4_0: Format = {
  name: "Q4_0",
  block: 32,
  bytes: 18,
  widen(bytes, at, blocks, into, to) {
    for (let b = 0; b < blocks; b++, at += 18, to += 32) {
      const d = HALF[bytes[at]! | (bytes[at + 1]! << 8)]!;
      for (let i = 0; i < 16; i += 4) {
        const n0 = bytes[at + 2 + i]!;
        const n1 = bytes[at + 3 + i]!;
        const n2 = bytes[at + 4 + i]!;
        const n3 = bytes[at + 5 + i]!;
        into[to + i] = d * ((n0 & 15) - 8);
        into[to + i + 1] = d * ((n1 & 15) - 8);
        into[to + i + 2] = d * ((n2 & 15) - 8);
        into[to + i + 3] = d * ((n3 & 15) - 8);
        into[to + i + 16] = d * ((n0 >> 4) - 8);
        into[to + i + 17] = d * ((n1 >> 4) - 8);
        into[to + i + 18] = d * ((n2 >> 4) - 8);
        into[to + i + 19] = d * ((n3 >> 4) - 8);
      }
    }
  },
};
