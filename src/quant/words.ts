/**
 * Integers of 4 or 8 bits in 32-bit words, the first in the lowest bits.
 *
 *   word w = sum_j q[(32/b) w + j] 2^(b j)
 *
 * layout   little-endian words, 32/b values each, no gap
 * numbers  exact
 * source   AutoGPTQ: qlinear_cuda_old, QuantLinear.pack; compressed-tensors: pack_to_int32
 * golden   packed/layers
 */
export function unpackWords(
  words: Int32Array,
  at: number,
  bits: 4 | 8,
  into: Int16Array,
  count: number,
  offset: number,
): void {
  const mask = (1 << bits) - 1;
  const per = 32 / bits;
  for (let i = 0; i < count; i += per, at++) {
    const word = words[at]!;
    const end = Math.min(per, count - i);
    for (let j = 0; j < end; j++) into[i + j] = ((word >>> (bits * j)) & mask) - offset;
  }
}
