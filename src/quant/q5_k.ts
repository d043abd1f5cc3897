import { HALF } from "./f16.ts";
import type { Format } from "./format.ts";
import { minOf, scaleOf } from "./q4_k.ts";

/**
 * Q5_K: 256 values of 5 bits, in 8 groups of 32, each with a scale and a minimum of 6 bits.
 *
 *   y[32g + i] = (d s[g]) q - dmin m[g],   q = 16 (bit g of h[i]) + (4 bits as in Q4_K)
 *
 * layout   176 bytes a block: f16 d | f16 dmin | u8 s[12], as in Q4_K | u8 h[32] | u8 n[128]
 * numbers  one rounding, on store, as in Q4_K (11 + 6 + 5 bits; the difference lies below 2^28)
 * source   ggml: block_q5_K, dequantize_row_q5_K; gguf-py: quants.Q5_K. GGML_TYPE_Q5_K = 13
 * golden   quant/formats.safetensors
 */
export const Q5_K: Format = {
  name: "Q5_K",
  block: 256,
  bytes: 176,
  widen(bytes, at, blocks, into, to) {
    for (let b = 0; b < blocks; b++, at += 176, to += 256) {
      const d = HALF[bytes[at]! | (bytes[at + 1]! << 8)]!;
      const dmin = HALF[bytes[at + 2]! | (bytes[at + 3]! << 8)]!;
      for (let g = 0; g < 8; g += 2) {
        const scale0 = d * scaleOf(bytes, at + 4, g);
        const scale1 = d * scaleOf(bytes, at + 4, g + 1);
        const min0 = dmin * minOf(bytes, at + 4, g);
        const min1 = dmin * minOf(bytes, at + 4, g + 1);
        const [h, n] = [at + 16, at + 48 + 16 * g];
        const y = to + 32 * g;
        for (let i = 0; i < 32; i++) {
          const q = bytes[n + i]!;
          const top = bytes[h + i]! >> g;
          into[y + i] = scale0 * ((q & 15) | ((top & 1) << 4)) - min0;
          into[y + i + 32] = scale1 * ((q >> 4) | ((top & 2) << 3)) - min1;
        }
      }
    }
  },
};
