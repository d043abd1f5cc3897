/**
 * Group relative policy optimisation: replies to the same problem are judged against each other, so that nothing has to
 * guess how good a problem's replies are on average. Which algorithm trained QwQ-32B is not known; Qwen3 names this one.
 *
 *   J = sum_i sum_t w_i min(r A_i, clamp(r, 1 - low, 1 + high) A_i),   r = p(o_it | q, o_i<t) / p_before(o_it | q, o_i<t)
 *
 * q is a problem, o_1 .. o_G are G replies to it, drawn at temperature 1, and R_1 .. R_G what they earned. Of the choices
 * that the literature leaves:
 *
 *   advantage  "scaled"   A_i = (R_i - mean R) / std R   DeepSeekMath; rare successes and rare failures count most
 *              "centred"  A_i = R_i - mean R             Dr. GRPO: dividing favours problems that are too easy or too hard
 *   length     "reply"    w_i = 1 / (N |o_i|)            DeepSeekMath: a long failure costs little a token
 *              "token"    w_i = 1 / sum_j |o_j|          DAPO: every token of the batch alike
 *              "limit"    w_i = 1 / (N limit)            Dr. GRPO: the same, with a sum that does not depend on the replies
 *   clipping   low 0.2, high 0.28                        DAPO's "clip-higher": an unlikely token may become likelier by more
 *   KL         kl 0                                      DAPO and Dr. GRPO leave it out; the verifier cannot be deceived
 *              kl > 0                                    DeepSeekMath (0.04): J less kl sum w_i D, D as in policy.ts, from the
 *                                                        policy in which the stage began, so that it does not stray; in
 *                                                        stage two on stage one's kinds of problems alone (plan.ts)
 *
 * source   Shao et al. 2024 (arXiv 2402.03300) equation 3 and 4.1.2; Liu et al. 2025 (arXiv 2503.20783) section 3.2;
 *          Yu et al. 2025 (arXiv 2503.14476) equations 8 to 12; Qwen3 report (arXiv 2505.09388) section 4.2
 */
import type { Lesson } from "../learner.ts";
import { lesson, placed } from "./lesson.ts";

/** A problem's replies and what each earned. */
export interface Group {
  readonly prompt: Uint32Array;
  readonly replies: readonly Reply[];
}

/** A reply that was drawn, judged. */
export interface Reply {
  readonly ids: Uint32Array;
  /** ln p of each id under the weights that drew it. */
  readonly logprobs: Float32Array;
  /** The same under the policy to stay near, where there is one. */
  readonly near?: Float32Array | undefined;
  readonly reward: number;
}

/** The choices above. */
export interface Objective {
  readonly advantage: "scaled" | "centred";
  readonly length: "reply" | "token" | "limit";
  /** How far r may fall below 1 before a token stops counting, and how far it may rise above. */
  readonly low: number;
  readonly high: number;
  /** How much it costs to stray; 0 where there is no policy to stay near. */
  readonly kl: number;
  /** The longest that a reply may be. */
  readonly limit: number;
}

/** A of each reply of a group. Where all earned the same there is nothing to learn: all are 0. */
export function advantages(rewards: readonly number[], how: Objective["advantage"]): number[] {
  const mean = rewards.reduce((sum, R) => sum + R, 0) / rewards.length;             // mean R
  const centred = rewards.map((R) => R - mean);                                     // R_i - mean R
  if (how === "centred") return centred;
  const variance = centred.reduce((sum, d) => sum + d * d, 0) / rewards.length;
  return centred.map((d) => (variance === 0 ? 0 : d / Math.sqrt(variance)));        // A_i = (R_i - mean R) / std R
}

/** w of each reply of a batch, by their lengths |o_i|. */
export function tokenWeights(lengths: readonly number[], how: Objective["length"], limit: number): number[] {
  const N = lengths.length;
  const tokens = lengths.reduce((sum, m) => sum + m, 0);
  return lengths.map((m) => (how === "reply" ? 1 / (N * m) : how === "token" ? 1 / tokens : 1 / (N * limit)));
}

/**
 * A batch of groups as lessons, whose loss is -J. Replies without an advantage are left out where nothing else can be learnt
 * from them: their gradient is 0.
 */
export function policyLessons(groups: readonly Group[], o: Objective): Lesson[] {
  const all = groups.flatMap(({ prompt, replies }) => {
    const A = advantages(replies.map(({ reward }) => reward), o.advantage);
    return replies.map(({ ids, ...reply }, i) => ({ ...reply, prompt, reply: ids, A: A[i]! }));
  });
  const w = tokenWeights(all.map(({ reply }) => reply.length), o.length, o.limit);
  return all.flatMap((one, i) => {
    const near = one.near && { logprobs: placed(one, one.near), beta: o.kl };
    if (one.A === 0 && near === undefined) return [];
    const A = placed(one, new Float32Array(one.reply.length).fill(one.A));          // A_it = A_i
    const before = placed(one, one.logprobs);                                       // ln p_before(o_it | q, o_i<t)
    return [{ ...lesson(one, w[i]!), policy: { advantages: A, before, low: o.low, high: o.high, near } }];
  });
}
