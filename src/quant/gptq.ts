/**
 * GPTQ's int4 and int8: 32/b inputs in a word, and zero points that are stored less one.
 *
 *   W[o i] = (q[i o] - (z[g o] + 1)) s[g o],   g = g_idx[i]
 *
 * layout   qweight i32 [I b/32, O] (words.ts, along the inputs), qzeros i32 [groups, O b/32] (along the outputs), scales
 *          f16 [groups, O], g_idx i32 [I]: the transpose of the matrix. With act-order g_idx is in any order, without it
 *          i / group.
 * numbers  exact (see grouped.ts). A stored zero point of 2^b - 1 is refused: adding one wraps to 0 in some readers and
 *          not in others.
 * source   AutoGPTQ: qlinear_cuda_old, QuantLinear.pack and forward (checkpoint_format "gptq")
 * golden   packed/layers
 */
export function gptqZero(word: number, o: number, bits: 4 | 8): number | undefined {
  const mask = (1 << bits) - 1;
  const stored = (word >>> (bits * (o % (32 / bits)))) & mask;
  return stored === mask ? undefined : stored + 1;
}
