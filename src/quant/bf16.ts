import type { Format } from "./format.ts";

/**
 * BF16: the upper half of a float32, little endian.
 *
 * layout   2 bytes a value: 1 sign, 8 exponent, 7 fraction bits
 * numbers  exact, bit for bit: the sixteen bits move up and zeros follow, NaN payloads too
 * source   safetensors dtype BF16; GGML_TYPE_BF16 = 30
 * golden   quant/formats.safetensors
 */
export const BF16: Format = {
  name: "BF16",
  block: 1,
  bytes: 2,
  widen(bytes, at, blocks, into, to) {
    const bits = new Int32Array(into.buffer, into.byteOffset + 4 * to, blocks);
    const from = bytes.byteOffset + at;
    const pairs = from % 4 === 0 ? blocks >>> 1 : 0; // two at a time take less than half the time of one by one
    const two = new Int32Array(bytes.buffer, pairs === 0 ? 0 : from, pairs);
    for (let i = 0; i < pairs; i++) {
      const word = two[i]!;
      bits[2 * i] = word << 16;
      bits[2 * i + 1] = word & 0xffff0000;
    }
    for (let i = 2 * pairs; i < blocks; i++) bits[i] = (bytes[at + 2 * i]! << 16) | (bytes[at + 2 * i + 1]! << 24);
  },
};
