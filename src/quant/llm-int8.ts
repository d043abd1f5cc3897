/**
 * bitsandbytes LLM.int8: a byte a weight, and the largest |weight| of each row.
 *
 *   W[o i] = q[o i] SCB[o] / 127
 *
 * layout   weight i8 [O, I] by rows (weight_format 0), SCB f32 [O]
 * numbers  q SCB is exact in float64 and its quotient, rounded to float64 and then to float32, is the float32 nearest to
 *          the true one: n/127 that is not a float32 midpoint is at least 2^-38 of itself away from one. bitsandbytes
 *          multiplies by a float32 1/127, so its own values are up to 2 ulp from these.
 * source   LLM.int8: Dettmers et al., 2022, arXiv 2208.07339; bitsandbytes: int8_vectorwise_quant, int8_vectorwise_dequant
 * golden   packed/layers
 */
export function widenLlmInt8(q: Int8Array, scb: number, into: Float32Array, to: number): void {
  for (let i = 0; i < q.length; i++) into[to + i] = (q[i]! * scb) / 127;
}
