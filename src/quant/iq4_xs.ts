import { HALF } from "./f16.ts";
import type { Format } from "./format.ts";
import { STEPS } from "./iq4_nl.ts";

/**
 * IQ4_XS: 256 values of 4 bits, each the number of a step, in 8 groups of 32, each with a scale of 6 bits.
 *
 *   y[32g + i] = d (s[g] - 32) STEPS[q[i]],   q as in IQ4_NL, of n[16g ..]
 *   s[g]       = the low (g even) or high (g odd) half of l[g >> 1], and above it 2 bits of h, from bit 2g on
 *
 * layout   136 bytes a block: f16 d | u16 h | u8 l[4] | u8 n[128]
 * numbers  exact: 11 bits of d by 5 of s by 7 of a step fit float32 (32 is a power of two)
 * source   ggml: block_iq4_xs, dequantize_row_iq4_xs; gguf-py: quants.IQ4_XS. GGML_TYPE_IQ4_XS = 23
 * golden   quant/formats.safetensors
 */
export const IQ4_XS: Format = {
  name: "IQ4_XS",
  block: 256,
  bytes: 136,
  widen(bytes, at, blocks, into, to) {
    for (let b = 0; b < blocks; b++, at += 136, to += 256) {
      const d = HALF[bytes[at]! | (bytes[at + 1]! << 8)]!;
      const h = bytes[at + 2]! | (bytes[at + 3]! << 8);
      for (let g = 0; g < 8; g++) {
        const low = (bytes[at + 4 + (g >> 1)]! >> (4 * (g & 1))) & 15;
        const scale = d * ((low | (((h >> (2 * g)) & 3) << 4)) - 32);
        const n = at + 8 + 16 * g;
        const y = to + 32 * g;
        for (let i = 0; i < 16; i++) {
          const q = bytes[n + i]!;
          into[y + i] = scale * STEPS[q & 15]!;
          into[y + i + 16] = scale * STEPS[q >> 4]!;
        }
      }
    }
  },
};
