import { linearSizes } from "../../reference/linear.ts";
import { data, eachRows } from "../../reference/unwrap.ts";
import type { Host, Tensor } from "../../tensor.ts";
import { rounded } from "./rounded.ts";

/** How the loss changes with what a linear map is made of. */
export interface LinearGradient<I extends string, O extends string> {
  readonly dx: Host<`T ${I}`>;
  readonly dW: Host<`${O} ${I}`>;
  readonly db: Host<O>;
}

/**
 * Backward of `linear`, y[t o] = sum_i W[o i] x[t i] + b[o].
 *
 *   dx[t i] = sum_o dy[t o] W[o i]        x[t i] is in every output o of its token
 *   dW[o i] = sum_t dy[t o] x[t i]        W[o i] is in output o of every token
 *   db[o]   = sum_t dy[t o]
 *
 * shapes   dy [T O], x [T I], W [O I] -> dx [T I], dW [O I], db [O]; W may be stored in any number format
 * numbers  products and sums in float64, in the order of o and of t; one rounding on store
 * cost     4 T O I flops, twice those of `linear`; O I weights read once
 * throws   ShapeError if the widths of dy, x and W do not fit
 * source   Rumelhart et al. 1986 (Nature 323, 533); torch.nn.functional.linear's backward
 * golden   backward/ops
 */
export function linear<I extends string, O extends string>(
  dy: Tensor<`T ${O}`>,
  x: Tensor<`T ${I}`>,
  W: Tensor<`${O} ${NoInfer<I>}`>,
): LinearGradient<I, O> {
  const [error, input] = [data(dy, "linear"), data(x, "linear")];
  const { T, I, O } = linearSizes(x, W, { length: dy.shape[1] ?? 0 });
  const dx = new Float64Array(T * I);
  const dW = new Float64Array(O * I);
  const db = new Float64Array(O);
  eachRows(W, "linear", (rows, first, count) => {
    for (let r = 0; r < count; r++) {
      const o = first + r;
      for (let t = 0; t < T; t++) {
        const e = error[t * O + o]!;
        db[o]! += e;
        for (let i = 0; i < I; i++) {
          dx[t * I + i]! += e * rows[r * I + i]!;
          dW[o * I + i]! += e * input[t * I + i]!;
        }
      }
    }
  });
  return { dx: rounded([T, I], dx), dW: rounded([O, I], dW), db: rounded([O], db) };
}
