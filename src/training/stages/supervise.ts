/** Supervision: to write what a worked solution says, token by token. The cold start is this, and so are the controls. */
import type { Learner, Update } from "../learner.ts";
import { type Dialogue, learntTokens, lesson } from "./lesson.ts";
import { checkLoss, checkNorm } from "./not-finite.ts";

/** What a step of supervision said. */
export interface Supervised {
  /** The mean over the tokens that are learnt of -ln p. */
  readonly loss: number;
  /** The length of the gradient before it was clipped. */
  readonly norm: number;
  /** Tokens that are learnt: of the replies, and of the turns before them that are right. */
  readonly tokens: number;
}

/**
 * One step on a batch: every token that is learnt counts alike; o is a reply, and what is learnt of its prompt.
 *
 *   loss = 1/M sum_i sum_t -ln p(o_it | q_i, o_i<t),   M = sum_i |o_i|
 *
 * throws   NotFinite, before the weights have changed where it is the loss
 */
export async function supervise(learner: Learner, batch: readonly Dialogue[], update: Update): Promise<Supervised> {
  const tokens = batch.reduce((sum, one) => sum + learntTokens(one), 0);
  const lessons = batch.map((one) => lesson(one, 1 / tokens));
  const { nll } = await learner.learn(lessons);
  const learnt = (values: Float32Array, i: number) =>
    values.reduce((sum, each, t) => (lessons[i]!.weights[t]! > 0 ? sum + each : sum), 0);
  const loss = nll.reduce((sum, values, i) => sum + learnt(values, i), 0) / tokens;
  checkLoss(loss, lessons, nll);
  return { loss, norm: checkNorm(await learner.update(update)), tokens };
}
