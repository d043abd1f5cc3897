import { HALF } from "./f16.ts";
import type { Format } from "./format.ts";

/**
 * Q3_K: 256 values of 3 bits about zero, in 16 groups of 16, each with a scale of 6 bits.
 *
 *   y[16g + i] = d (s[g] - 32) (q - 4),   q = 4 h + (2 bits as in Q2_K),   h = bit g >> 1 of h[16 (g & 1) + i]
 *   s[g]       = 4 bits of s[g & 7], from bit 4 (g >> 3) on, and above them 2 of s[8 + (g & 3)], from bit 2 (g >> 2) on
 *
 * layout   110 bytes a block: u8 h[32] | u8 n[64] | u8 s[12] | f16 d
 * numbers  exact: 11 bits of d by 5 of s by 2 of q fit float32 (32 and 4 are powers of two)
 * source   ggml: block_q3_K, dequantize_row_q3_K; gguf-py: quants.Q3_K. GGML_TYPE_Q3_K = 11
 * golden   quant/formats.safetensors
 */
export const Q3_K: Format = {
  name: "Q3_K",
  block: 256,
  bytes: 110,
  widen(bytes, at, blocks, into, to) {
    for (let b = 0; b < blocks; b++, at += 110, to += 256) {
      const d = HALF[bytes[at + 108]! | (bytes[at + 109]! << 8)]!;
      // A byte of n holds bits of four groups: g, g + 2, g + 4 and g + 6, where g is 0, 1, 8 or 9.
      for (let turn = 0; turn < 4; turn++) {
        const g = 8 * (turn >> 1) + (turn & 1);
        const s0 = d * scaleOf(bytes, at + 96, g);
        const s1 = d * scaleOf(bytes, at + 96, g + 2);
        const s2 = d * scaleOf(bytes, at + 96, g + 4);
        const s3 = d * scaleOf(bytes, at + 96, g + 6);
        const h = at + 16 * (g & 1);
        const n = at + 32 + 16 * turn;
        const shift = g >> 1;
        const y = to + 16 * g;
        for (let i = 0; i < 16; i++) {
          const q = bytes[n + i]!;
          const top = bytes[h + i]! >> shift;
          into[y + i] = s0 * (((q & 3) | ((top & 1) << 2)) - 4);
          into[y + i + 32] = s1 * ((((q >> 2) & 3) | ((top & 2) << 1)) - 4);
          into[y + i + 64] = s2 * ((((q >> 4) & 3) | (top & 4)) - 4);
          into[y + i + 96] = s3 * (((q >> 6) | ((top & 8) >> 1)) - 4);
        }
      }
    }
  },
};

/** s[g] - 32, of the 12 bytes at `at`. */
function scaleOf(bytes: Uint8Array, at: number, g: number): number {
  const low = (bytes[at + (g & 7)]! >> (4 * (g >> 3))) & 15;
  const high = (bytes[at + 8 + (g & 3)]! >> (2 * (g >> 2))) & 3;
  return (low | (high << 4)) - 32;
}
