import { type Host, type Tensor, zeros } from "../tensor.ts";
import { pair } from "./unwrap.ts";

/**
 * The residual stream: what a layer makes is added to what came in.
 *
 *   z = x + y
 *
 * shapes   x, y of one shape -> the same
 * numbers  one float32 addition: exact to half an ulp, and the same bits as Hugging Face
 * throws   ShapeError if the two differ in shape
 * source   He et al. 2015 (arXiv 1512.03385) eq. 1; transformers qwen2: Qwen2DecoderLayer.forward
 * golden   ops/add
 */
export function add<A extends string>(x: Tensor<A>, y: Tensor<NoInfer<A>>): Host<A> {
  const [a, b] = pair(x, y, "add");
  const z = zeros<A>(...x.shape);
  for (let i = 0; i < a.length; i++) z.data[i] = a[i]! + b[i]!;
  return z;
}
