/**
 * The general reward model of stage two: the same architecture with one number in place of the logits, learnt from pairs of
 * replies of which one is liked better (preference.ts has the equation).
 *
 *   r = u n,   n the normed state of the last token, u [1 C] the scalar head
 *
 * source   Stiennon et al. 2020 (arXiv 2009.01325) section 3.4; Ouyang et al. 2022 (arXiv 2203.02155) section 3.5
 */
import { host } from "../../tensor.ts";
import type { Learner, Preference, Update } from "../learner.ts";
import type { Parameters } from "../parameters.ts";
import { checkLoss, checkNorm } from "./not-finite.ts";

/** A language model with a head of one row in the place of its unembedding; the row is 0, so that all rewards begin at 0. */
export function withScalarHead(p: Parameters): Parameters {
  return { ...p, U: host([1, p.g.shape[0]!], new Float32Array(p.g.shape[0]!)) };
}

/** What a step said. */
export interface Preferred {
  /** The mean of -ln sigmoid(r(chosen) - r(rejected)). */
  readonly loss: number;
  readonly norm: number;
  /** The share of pairs whose chosen reply had the higher reward. */
  readonly accuracy: number;
  readonly tokens: number;
}

/** One step on pairs. Throws NotFinite. */
export async function prefer(learner: Learner, pairs: readonly Preference[], update: Update): Promise<Preferred> {
  const { loss, nll } = await learner.prefer(pairs.map((pair) => ({ ...pair, weight: 1 / pairs.length })));
  checkLoss(
    loss,
    pairs.map(({ chosen }) => ({ ids: chosen })),
    nll,
  );
  const accuracy = nll.filter((values) => values[0]! < Math.LN2).length / pairs.length; // -ln sigmoid(0) is ln 2
  const tokens = pairs.reduce((sum, { chosen, rejected }) => sum + chosen.length + rejected.length, 0);
  return { loss, norm: checkNorm(await learner.update(update)), accuracy, tokens };
}
