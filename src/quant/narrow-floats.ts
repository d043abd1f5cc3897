import { BF16 as B16 } from "./bf16.ts";
import { F16 as H16 } from "./f16.ts";
import { F32 as S32 } from "./f32.ts";
import { half, MOST_HALF, type Narrow } from "./narrowing.ts";

/**
 * F32: the bytes as they are.
 *
 * numbers  exact
 */
export const F32: Narrow = {
  format: S32,
  most: (2 - 2 ** -23) * 2 ** 127,
  narrow(values, from, blocks, into, at) {
    into.set(new Uint8Array(values.buffer, values.byteOffset + 4 * from, 4 * blocks), at);
  },
};

/**
 * F16: the nearest half.
 *
 * numbers  one rounding, ties to even; |y - w| <= max(|w| 2^-11, 2^-25)
 * source   ggml: ggml_compute_fp32_to_fp16
 * golden   quant/narrow.safetensors
 */
export const F16: Narrow = {
  format: H16,
  most: MOST_HALF,
  narrow(values, from, blocks, into, at) {
    for (let i = 0; i < blocks; i++) {
      const bits = half(values[from + i]!);
      into[at + 2 * i] = bits;
      into[at + 2 * i + 1] = bits >>> 8;
    }
  },
};

/**
 * BF16: the nearest float32 whose lower half is zero.
 *
 * numbers  one rounding, ties to even; |y - w| <= |w| 2^-8
 * source   ggml: ggml_compute_fp32_to_bf16, which rounds subnormals too
 * golden   quant/narrow.safetensors
 */
export const BF16: Narrow = {
  format: B16,
  most: (2 - 2 ** -7) * 2 ** 127,
  narrow(values, from, blocks, into, at) {
    const bits = new Uint32Array(values.buffer, values.byteOffset + 4 * from, blocks);
    for (let i = 0; i < blocks; i++) {
      const u = bits[i]!;
      const upper = (u + 0x7fff + ((u >>> 16) & 1)) >>> 16;
      into[at + 2 * i] = upper;
      into[at + 2 * i + 1] = upper >>> 8;
    }
  },
};
