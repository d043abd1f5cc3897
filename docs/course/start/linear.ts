import { type Host, zeros } from "qwq-ts";

/**
 * Linear map: every output is one row of W against the input, plus its bias where there is one.
 *
 *   y[t o] = sum_i W[o i] x[t i] + b[o]
 *
 * shapes   x [T I], W [O I], b [O] -> [T O]; W may be stored in any number format and is widened a few rows at a time
 * numbers  products and sums in float64, even and odd i apart, then the two, then the bias; one rounding on store. A
 *          row of y depends on its row of x alone, so chunks of any size give the same bits.
 * cost     2 T O I flops; O I weights read once
 * throws   ShapeError if the widths of x, W and b do not fit
 * source   torch.nn.functional.linear; transformers qwen2: q_proj, k_proj, v_proj (with bias), o_proj, gate_proj, up_proj,
 *          down_proj, lm_head (without)
 */
export function linear<I extends string, O extends string>(
  x: Host<`T ${I}`>,
  W: Host<`${O} ${NoInfer<I>}`>,
  b?: Host<NoInfer<O>>,
): Host<`T ${O}`> {
  throw new Error("linear is not written yet");
}
