/**
 * AWQ's int4, version "gemm": eight outputs in a word, in the order in which its kernel takes them apart.
 *
 *   output 8c + j of word c lies in bits 4 p(j) .. 4 p(j) + 3,   p = 0 4 1 5 2 6 3 7
 *   W[o i] = (q[i o] - z[g o]) s[g o],   g = i / group
 *
 * layout   qweight i32 [I, O/8], qzeros i32 [I/group, O/8], scales f16 [I/group, O]: the transpose of the matrix
 * numbers  exact (see grouped.ts). AutoAWQ itself multiplies in float16, which rounds; the product here does not.
 * source   AutoAWQ: WQLinear_GEMM.from_linear, packing_utils.dequantize_gemm
 * golden   packed/layers
 */
const PLACE = [0, 4, 1, 5, 2, 6, 3, 7] as const;

/** How far right the word of output `o` is to be shifted so that its four bits are the lowest. */
export function awqShift(o: number): number {
  return 4 * PLACE[o & 7]!;
}

/** The value of output `o` in each of `count` words that follow each other from `words[at]` on. */
export function unpackAwq(words: Int32Array, at: number, o: number, into: Int16Array, count: number): void {
  const shift = awqShift(o);
  for (let i = 0; i < count; i++) into[i] = (words[at + i]! >>> shift) & 15;
}
