import { type Host, zeros } from "qwq-ts";

/**
 * The residual stream: what a layer makes is added to what came in.
 *
 *   z = x + y
 *
 * shapes   x, y of one shape -> the same
 * numbers  one float32 addition: exact to half an ulp, and the same bits as Hugging Face
 * throws   ShapeError if the two differ in shape
 * source   He et al. 2015 (arXiv 1512.03385) eq. 1; transformers qwen2: Qwen2DecoderLayer.forward
 */
export function add<A extends string>(x: Host<A>, y: Host<NoInfer<A>>): Host<A> {
  throw new Error("add is not written yet");
}
