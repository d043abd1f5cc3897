import { host, type Host, type Tensor } from "../tensor.ts";
import { unwrap } from "./unwrap.ts";

/** Rows [first, first + rows) of x. No copy: the result shares x's memory. */
export function rows<A extends string>(x: Tensor<`T ${A}`>, first: number, rows: number): Host<`T ${A}`> {
  const [, width = 0] = x.shape;
  return host([rows, width], unwrap(x, "rows").data.subarray(first * width, (first + rows) * width));
}
