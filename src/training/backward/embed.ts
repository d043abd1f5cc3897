import { unwrap } from "../../reference/unwrap.ts";
import type { Host, Tensor } from "../../tensor.ts";
import { rounded } from "./rounded.ts";

/**
 * Backward of `embed`, x[t c] = E[ids[t] c].
 *
 *   dE[i c] = sum of dx[t c] over the t with ids[t] = i; a token that did not come has no gradient
 *
 * shapes   dx [T C], ids [T] -> dE [V C]
 * numbers  sums in float64, t ascending, one rounding on store
 * source   torch.nn.Embedding's backward
 * golden   backward/ops
 */
export function embed(dx: Tensor<"T C">, ids: Uint32Array, V: number): Host<"V C"> {
  const error = unwrap(dx, "embed").data;
  const C = dx.shape[1] ?? 0;
  const dE = new Float64Array(V * C);
  ids.forEach((id, t) => {
    for (let c = 0; c < C; c++) dE[id * C + c]! += error[t * C + c]!;
  });
  return rounded([V, C], dE);
}
