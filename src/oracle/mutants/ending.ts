/** The final norm and the unembedding gone wrong. */
import type { OracleOps } from "../numbers/ops.ts";
import type { Run } from "../numbers/policies.ts";
import { oracleOps } from "../numbers/ops.ts";
import { asRows, asTensor, type Rows } from "../numbers/rows.ts";
import type { Taps } from "../candidate.ts";
import { overlaid } from "../anchored.ts";
import type { Weights } from "../../weights.ts";
import { ones } from "./mutant.ts";

/** A mutant of what comes after the layers. */
export interface EndingMutant {
  readonly code: string;
  readonly variant?: string | undefined;
  /** What it makes of the last layer's output. */
  readonly make: (ops: OracleOps, x: Rows, weights: Weights, taps: Taps) => Readonly<Record<"norm" | "logits", Rows>>;
}

/** The two as they should be, with another gain, epsilon, unembedding or way to norm. */
function ended(change: Partial<Weights>, centred = false): EndingMutant["make"] {
  return (ops, x, weights, taps) => {
    const { g, eps, U } = { ...weights, g: weights.g, U: weights.U, eps: weights.eps, ...change };
    const n = ops.with({ norm: { centred } }).rmsNorm(asTensor(x), g, eps);
    return { norm: asRows(n), logits: asRows(ops.linear(overlaid(ops, n, "norm", taps), U)) };
  };
}

/** The mutants of a model's end. A tied model has no other head. */
export function endingMutants({ g, E, U, eps }: Weights): EndingMutant[] {
  return [
    { code: "gain-final", make: ended({ g: ones(g) }) },
    { code: "norm-mean", make: ended({}, true) },
    ...[1e-6, 1e-5, 1e-3, 1e-8, 1e-12, 0]
      .filter((other) => other !== eps)
      .map((other) => ({ code: "eps", variant: `eps ${other}`, make: ended({ eps: other }) })),
    ...(U === E ? [] : [{ code: "head-tied", make: ended({ U: E }) }]),
  ];
}

/** A fresh memory for each way to compute. */
export function endings(
  make: EndingMutant["make"],
  xs: readonly Rows[],
  runs: readonly Run[],
  weights: Weights,
  taps: Taps,
) {
  return runs.map((run, i) => make(oracleOps(run), xs[i]!, weights, taps));
}
