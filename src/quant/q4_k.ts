import { HALF } from "./f16.ts";
import type { Format } from "./format.ts";

/**
 * The scale of group g, of Q4_K's and Q5_K's 12 bytes at `at` for 8 groups: 6 bits.
 *
 *   g < 4    the low 6 bits of byte g
 *   g >= 4   the low 4 bits of byte g + 4, and above them the high 2 of byte g - 4
 */
export function scaleOf(bytes: Uint8Array, at: number, g: number): number {
  return g < 4 ? bytes[at + g]! & 63 : (bytes[at + g + 4]! & 15) | ((bytes[at + g - 4]! >> 6) << 4);
}

/** The minimum of group g, likewise: of bytes g + 4; then the high 4 bits of byte g + 4, and the high 2 of byte g. */
export function minOf(bytes: Uint8Array, at: number, g: number): number {
  return g < 4 ? bytes[at + g + 4]! & 63 : (bytes[at + g + 4]! >> 4) | ((bytes[at + g]! >> 6) << 4);
}

/**
 * Q4_K: 256 values of 4 bits, in 8 groups of 32, each with a scale and a minimum of 6 bits.
 *
 *   y[32g + i] = (d s[g]) q - dmin m[g],   q = the low (g even) or high (g odd) half of n[32 (g >> 1) + i]
 *
 * layout   144 bytes a block: f16 d | f16 dmin | u8 s[12], as scaleOf and minOf say | u8 n[128]
 * numbers  both products are exact in float32 (11 + 6 + 4 bits), their difference exact in float64 (below 2^27, in steps
 *          of 2^-24), so the store rounds once, as float32 arithmetic does, fused or not
 * source   ggml: block_q4_K, dequantize_row_q4_K, get_scale_min_k4; gguf-py: quants.Q4_K. GGML_TYPE_Q4_K = 12
 * golden   quant/formats.safetensors
 */
export const Q4_K: Format = {
  name: "Q4_K",
  block: 256,
  bytes: 144,
  widen(bytes, at, blocks, into, to) {
    for (let b = 0; b < blocks; b++, at += 144, to += 256) {
      const d = HALF[bytes[at]! | (bytes[at + 1]! << 8)]!;
      const dmin = HALF[bytes[at + 2]! | (bytes[at + 3]! << 8)]!;
      for (let g = 0; g < 8; g += 2) {
        const scale0 = d * scaleOf(bytes, at + 4, g);
        const scale1 = d * scaleOf(bytes, at + 4, g + 1);
        const min0 = dmin * minOf(bytes, at + 4, g);
        const min1 = dmin * minOf(bytes, at + 4, g + 1);
        const n = at + 16 + 16 * g;
        const y = to + 32 * g;
        for (let i = 0; i < 32; i++) {
          const q = bytes[n + i]!;
          into[y + i] = scale0 * (q & 15) - min0;
          into[y + i + 32] = scale1 * (q >> 4) - min1;
        }
      }
    }
  },
};
