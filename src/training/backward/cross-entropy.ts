import { UsageError } from "../../errors.ts";
import { unwrap } from "../../reference/unwrap.ts";
import { type Host, type Tensor, zeros } from "../../tensor.ts";

/** The loss, its gradient, and each token's part. */
export interface CrossEntropy {
  /** sum_t weights[t] nll[t]. */
  readonly loss: number;
  /** -ln p of each target. */
  readonly nll: Float64Array;
  readonly dlogits: Host<"T V">;
}

/**
 * Cross-entropy with its backward: how surprising each target is, and which way each logit must go.
 *
 *   nll[t]       = -ln softmax_v(z[t])[targets[t]] = ln sum_v exp(z[t v]) - z[t targets[t]]
 *   loss         = sum_t w[t] nll[t]
 *   dz[t v]      = w[t] (softmax_v(z[t])[v] - [v = targets[t]])
 *
 * With w[t] = 1 / T it is the mean of supervised learning; a token of weight 0 is not learnt from; with w[t] an
 * advantage it is REINFORCE's, at the first step from the policy that sampled.
 *
 * shapes   logits [T V], targets and weights [T] -> dlogits [T V]
 * numbers  float64, the largest logit subtracted first; one rounding on store
 * throws   UsageError E_ARG_TOKEN_ID if a target is not a column of the logits
 * source   torch.nn.functional.cross_entropy; Williams 1992 (Machine Learning 8, 229) for the weights
 * golden   backward/ops
 */
export function crossEntropy(
  logits: Tensor<"T V">,
  targets: Uint32Array,
  weights: Float32Array | Float64Array,
): CrossEntropy {
  const z = unwrap(logits, "crossEntropy").data;
  const [T = 0, V = 0] = logits.shape;
  checkTargets(targets, weights, T, V);
  const dlogits = zeros<"T V">(T, V);
  const nll = new Float64Array(T);
  const p = new Float64Array(V);
  let loss = 0;
  for (let t = 0; t < T; t++) {
    const row = z.subarray(t * V, (t + 1) * V);
    const [target, w] = [targets[t]!, weights[t]!];
    let largest = -Infinity;
    for (const value of row) if (value > largest) largest = value;
    let total = 0;
    for (let v = 0; v < V; v++) total += p[v] = Math.exp(row[v]! - largest);
    nll[t] = Math.log(total) - (row[target]! - largest);
    loss += w * nll[t]!;
    for (let v = 0; v < V; v++) dlogits.data[t * V + v] = w * (p[v]! / total - (v === target ? 1 : 0));
  }
  return { loss, nll, dlogits };
}

function checkTargets(targets: Uint32Array, weights: ArrayLike<number>, T: number, V: number): void {
  const wrong = targets.findIndex((target) => target >= V);
  if (targets.length === T && weights.length === T && wrong < 0) return;
  const sizes = `${targets.length} targets and ${weights.length} weights`;
  throw new UsageError("E_ARG_TOKEN_ID", "crossEntropy", {
    expected: `a target below ${V} and a weight for each of ${T} tokens`,
    actual: wrong < 0 ? sizes : `${targets[wrong]!} at position ${wrong}`,
    hint: "Use the ids that follow, of this model's own tokenizer.",
  });
}
