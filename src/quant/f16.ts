import type { Format } from "./format.ts";

/**
 * The float32 value of each of the 65,536 half-precision bit patterns: 256 KiB that make a scale one load away.
 *
 *   e = 0        f 2^-24            zeros and subnormals
 *   0 < e < 31   (1 + f/1024) 2^(e-15)
 *   e = 31       infinity (f = 0) or NaN
 */
export const HALF: Float32Array = Float32Array.from({ length: 1 << 16 }, (_, bits) => {
  const sign = bits >>> 15 === 0 ? 1 : -1;
  const e = (bits >>> 10) & 31;
  const f = bits & 1023;
  if (e === 0) return sign * f * 2 ** -24;
  if (e === 31) return f === 0 ? sign * Infinity : NaN;
  return sign * (1 + f / 1024) * 2 ** (e - 15);
});

/**
 * F16: IEEE 754 binary16, little endian.
 *
 * layout   2 bytes a value: 1 sign, 5 exponent, 10 fraction bits
 * numbers  exact: every half is a float32. NaN stays NaN; its payload is not kept.
 * source   safetensors dtype F16; GGML_TYPE_F16 = 1
 * golden   quant/formats.safetensors
 */
export const F16: Format = {
  name: "F16",
  block: 1,
  bytes: 2,
  widen(bytes, at, blocks, into, to) {
    for (let i = 0; i < blocks; i++) into[to + i] = HALF[bytes[at + 2 * i]! | (bytes[at + 2 * i + 1]! << 8)]!;
  },
};
