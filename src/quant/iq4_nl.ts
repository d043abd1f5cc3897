import { HALF } from "./f16.ts";
import type { Format } from "./format.ts";

/** The sixteen steps of IQ4_NL and IQ4_XS: finer about zero, where most weights are. */
export const STEPS: Int8Array = Int8Array.of(
  ...[-127, -104, -83, -65, -49, -35, -22, -10],
  ...[1, 13, 25, 38, 53, 69, 89, 113],
);

/**
 * IQ4_NL: 32 values of 4 bits, each the number of a step, under one scale.
 *
 *   y[i] = d STEPS[q[i]]
 *
 * layout   18 bytes a block: f16 d | u8 n[16]; the low half of n[i] is q[i], the high half q[i + 16]
 * numbers  exact: 11 bits of d by 7 of a step fit float32
 * source   ggml: block_iq4_nl, dequantize_row_iq4_nl, kvalues_iq4nl; gguf-py: quants.IQ4_NL. GGML_TYPE_IQ4_NL = 20
 * golden   quant/formats.safetensors
 */
export const IQ4_NL: Format = {
  name: "IQ4_NL",
  block: 32,
  bytes: 18,
  widen(bytes, at, blocks, into, to) {
    for (let b = 0; b < blocks; b++, at += 18, to += 32) {
      const d = HALF[bytes[at]! | (bytes[at + 1]! << 8)]!;
      for (let i = 0; i < 16; i++) {
        const n = bytes[at + 2 + i]!;
        into[to + i] = d * STEPS[n & 15]!;
        into[to + i + 16] = d * STEPS[n >> 4]!;
      }
    }
  },
};
