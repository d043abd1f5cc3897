/** The clipped objective of policy optimisation: a better policy, but not far from the one that drew. */
import type { Policy } from "./learner.ts";

/** What the objective makes of a sequence's likelihoods. */
export interface Clipped {
  readonly loss: number;
  /** What cross-entropy's gradient is to be weighted by, token by token, to be the objective's. */
  readonly each: Float64Array;
  /** Targets of a weight, and those among them whose ratio was clipped. */
  readonly counted: number;
  readonly clipped: number;
}

/**
 * The clipped objective of a sequence and its gradient, by way of cross-entropy's.
 *
 *   loss           = sum_t w[t] l[t],   l = -min(r A, clamp(r, 1 - low, 1 + high) A),   r = exp(ln p(target) - before)
 *   dl / d ln p    = -r A where r A is the lesser or equal, else 0        since dr / d ln p = r, and a clamp has no slope
 *   d ln p / dz[v] = [v = target] - softmax(z)[v]
 *
 * whence dz[t v] = e[t] (softmax(z[t])[v] - [v = target]) with e[t] = w r A or 0: cross-entropy's gradient, weighted by e.
 * It is clipped where the advantage is above 0 and r above 1 + high, or below 0 and r below 1 - low: what is already that much
 * likelier gains nothing by becoming likelier still. On the policy that drew, r = 1, it is REINFORCE with advantages.
 *
 * Where there is a policy q to stay near, l has beta D beside it, whose mean over what p draws is the divergence KL(p || q):
 *
 *   D          = q / p - ln(q / p) - 1             never below 0, and 0 only where both say the same
 *   dD / d ln p = 1 - q / p                        whence e[t] has w beta (q / p - 1) beside it: what q finds likelier is taught
 *
 * shapes   nll, weights, the policy's advantages and before, and near.logprobs [T] -> each [T]
 * numbers  float64
 * source   Schulman et al. 2017 (arXiv 1707.06347) equation 7; Shao et al. 2024 (arXiv 2402.03300) equations 3 and 4; Yu et al.
 *          2025 (arXiv 2503.14476) equation 10 for two bounds; Schulman 2020 (joschu.net/blog/kl-approx.html) for D
 * golden   training/policy
 */
export function clippedObjective(nll: ArrayLike<number>, weights: ArrayLike<number>, policy: Policy): Clipped {
  const { advantages, before, low, high, near } = policy;
  const each = new Float64Array(nll.length);
  let [loss, counted, clipped] = [0, 0, 0];
  for (let t = 0; t < nll.length; t++) {
    const [w, A] = [weights[t]!, advantages[t]!];
    if (w === 0) continue;
    const r = Math.exp(-nll[t]! - before[t]!);
    const held = Math.min(Math.max(r, 1 - low), 1 + high) * A;
    const free = r * A <= held;
    loss -= w * (free ? r * A : held);
    if (free) each[t] = w * r * A;
    else clipped++;
    counted++;
    if (near === undefined) continue;
    const d = near.logprobs[t]! + nll[t]!; // ln q / p
    loss += w * near.beta * (Math.exp(d) - d - 1);
    each[t]! += w * near.beta * (Math.exp(d) - 1);
  }
  return { loss, each, counted, clipped };
}
