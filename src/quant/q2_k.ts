import { HALF } from "./f16.ts";
import type { Format } from "./format.ts";

/**
 * Q2_K: 256 values of 2 bits, in 16 groups of 16, each with a scale and a minimum of 4 bits.
 *
 *   y[16g + i] = (d s[g]) q - dmin m[g],   q = 2 bits of n[32 (g >> 3) + 16 (g & 1) + i], from bit 2 ((g >> 1) & 3) on
 *
 * layout   84 bytes a block: u8 s[16], the low half of each is s[g], the high half m[g] | u8 n[64] | f16 d | f16 dmin
 * numbers  both products are exact in float32 (11 + 4 + 2 bits), their difference exact in float64 (below 2^22, in steps
 *          of 2^-24), so the store rounds once, as float32 arithmetic does, fused or not
 * source   ggml: block_q2_K, dequantize_row_q2_K; gguf-py: quants.Q2_K. GGML_TYPE_Q2_K = 10
 * golden   quant/formats.safetensors
 */
export const Q2_K: Format = {
  name: "Q2_K",
  block: 256,
  bytes: 84,
  widen(bytes, at, blocks, into, to) {
    for (let b = 0; b < blocks; b++, at += 84, to += 256) {
      const d = HALF[bytes[at + 80]! | (bytes[at + 81]! << 8)]!;
      const dmin = HALF[bytes[at + 82]! | (bytes[at + 83]! << 8)]!;
      // A byte holds a value of four groups: g, g + 2, g + 4 and g + 6, where g is 0, 1, 8 or 9.
      for (let turn = 0; turn < 4; turn++) {
        const g = 8 * (turn >> 1) + (turn & 1);
        const s0 = bytes[at + g]!;
        const s1 = bytes[at + g + 2]!;
        const s2 = bytes[at + g + 4]!;
        const s3 = bytes[at + g + 6]!;
        const [d0, d1, d2, d3] = [d * (s0 & 15), d * (s1 & 15), d * (s2 & 15), d * (s3 & 15)];
        const [m0, m1, m2, m3] = [dmin * (s0 >> 4), dmin * (s1 >> 4), dmin * (s2 >> 4), dmin * (s3 >> 4)];
        const n = at + 16 + 16 * turn;
        const y = to + 16 * g;
        for (let i = 0; i < 16; i++) {
          const q = bytes[n + i]!;
          into[y + i] = d0 * (q & 3) - m0;
          into[y + i + 32] = d1 * ((q >> 2) & 3) - m1;
          into[y + i + 64] = d2 * ((q >> 4) & 3) - m2;
          into[y + i + 96] = d3 * (q >> 6) - m3;
        }
      }
    }
  },
};
