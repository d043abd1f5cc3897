import type { Format } from "./format.ts";

/**
 * F32: IEEE 754 binary32, little endian.
 *
 * layout   4 bytes a value
 * numbers  the bytes are copied, so every bit pattern survives, NaN payloads too
 * source   safetensors dtype F32; GGML_TYPE_F32 = 0
 * golden   quant/formats.safetensors
 */
export const F32: Format = {
  name: "F32",
  block: 1,
  bytes: 4,
  widen(bytes, at, blocks, into, to) {
    const target = new Uint8Array(into.buffer, into.byteOffset + 4 * to, 4 * blocks);
    target.set(bytes.subarray(at, at + 4 * blocks));
  },
};
