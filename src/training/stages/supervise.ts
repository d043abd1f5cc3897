/** Supervision: to write what a worked solution says, token by token. The cold start is this, and so are the controls. */
import type { Learner, Update } from "../learner.ts";
import { type Dialogue, lesson, ofReply } from "./lesson.ts";
import { checkLoss, checkNorm } from "./not-finite.ts";

/** What a step of supervision said. */
export interface Supervised {
  /** The mean over the replies' tokens of -ln p. */
  readonly loss: number;
  /** The length of the gradient before it was clipped. */
  readonly norm: number;
  /** Tokens of the replies. */
  readonly tokens: number;
}

/**
 * One step on a batch: every token of every reply counts alike.
 *
 *   loss = 1/M sum_i sum_t -ln p(o_it | q_i, o_i<t),   M = sum_i |o_i|
 *
 * throws   NotFinite, before the weights have changed where it is the loss
 */
export async function supervise(learner: Learner, batch: readonly Dialogue[], update: Update): Promise<Supervised> {
  const tokens = batch.reduce((sum, { reply }) => sum + reply.length, 0);
  const lessons = batch.map((one) => lesson(one, 1 / tokens));
  const { nll } = await learner.learn(lessons);
  const loss = batch.reduce((sum, one, i) => sum + ofReply(one, nll[i]!).reduce((a, b) => a + b, 0), 0) / tokens;
  checkLoss(loss, lessons, nll);
  return { loss, norm: checkNorm(await learner.update(update)), tokens };
}
