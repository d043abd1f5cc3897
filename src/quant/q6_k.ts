import { HALF } from "./f16.ts";
import type { Format } from "./format.ts";

/**
 * Q6_K: 256 values of 6 bits about zero, in 16 groups of 16, each with a scale of 8 bits.
 *
 *   y[16g + i] = (d s[g]) (q - 32),   k = (g >> 1) & 3,   j = 16 (g & 1) + i,   and q's bits are
 *   low 4      of n[64 (g >> 3) + 32 (k & 1) + j], from bit 4 (k >> 1) on
 *   high 2     of h[32 (g >> 3) + j], from bit 2k on
 *
 * layout   210 bytes a block: u8 n[128] | u8 h[64] | i8 s[16] | f16 d
 * numbers  exact: 11 bits of d by 7 of s by 5 of q fit float32 (128 and 32 are powers of two)
 * source   ggml: block_q6_K, dequantize_row_q6_K; gguf-py: quants.Q6_K. GGML_TYPE_Q6_K = 14
 * golden   quant/formats.safetensors
 */
export const Q6_K: Format = {
  name: "Q6_K",
  block: 256,
  bytes: 210,
  widen(bytes, at, blocks, into, to) {
    for (let b = 0; b < blocks; b++, at += 210, to += 256) {
      const d = HALF[bytes[at + 208]! | (bytes[at + 209]! << 8)]!;
      // Two bytes of n and one of h hold values of four groups: g, g + 2, g + 4 and g + 6, where g is 0, 1, 8 or 9.
      for (let turn = 0; turn < 4; turn++) {
        const g = 8 * (turn >> 1) + (turn & 1);
        const s = at + 192 + g;
        const s0 = d * ((bytes[s]! << 24) >> 24);
        const s1 = d * ((bytes[s + 2]! << 24) >> 24);
        const s2 = d * ((bytes[s + 4]! << 24) >> 24);
        const s3 = d * ((bytes[s + 6]! << 24) >> 24);
        const n = at + 64 * (turn >> 1) + 16 * (turn & 1);
        const h = at + 128 + 16 * turn;
        const y = to + 16 * g;
        for (let i = 0; i < 16; i++) {
          const n0 = bytes[n + i]!;
          const n1 = bytes[n + i + 32]!;
          const top = bytes[h + i]!;
          into[y + i] = s0 * (((n0 & 15) | ((top & 3) << 4)) - 32);
          into[y + i + 32] = s1 * (((n1 & 15) | ((top & 12) << 2)) - 32);
          into[y + i + 64] = s2 * (((n0 >> 4) | (top & 48)) - 32);
          into[y + i + 96] = s3 * (((n1 >> 4) | ((top & 192) >> 2)) - 32);
        }
      }
    }
  },
};
