/**
 * What stands between the model's logits and the drawing: a grammar that rules tokens out, a penalty, a bias. And what the
 * logits say of a place, for those who ask.
 */
import { kthGreatest } from "./filters.ts";
import { logSumExp } from "./softmax.ts";

/** Changes logits before a token is drawn. It follows one reply, and is made for it. */
export interface Steering {
  /** What to draw from: these logits as they are, or others in an array of its own. Minus infinity rules an id out. */
  steer(logits: Float32Array): Float32Array;
  /** This id has come. */
  push(id: number): void;
}

/** A token that was likely at some place. */
export interface Likely {
  readonly id: number;
  /** ln of its probability by the model's own logits. */
  readonly logprob: number;
}

/** One steering after another. */
export function steeredBy(all: readonly Steering[]): Steering | undefined {
  if (all.length <= 1) return all[0];
  return {
    steer: (logits) => all.reduce((changed, one) => one.steer(changed), logits),
    push: (id) => all.forEach((one) => one.push(id)),
  };
}

/** The `count` likeliest ids of a row of logits, the likeliest first, the lower id first among equals. */
export function likeliest(logits: Float32Array, count: number): Likely[] {
  const most = Math.min(count, logits.length);
  if (most < 1) return [];
  const bound = kthGreatest(logits, most);
  const ids: number[] = [];
  for (let id = 0; id < logits.length; id++) if (logits[id]! >= bound) ids.push(id);
  const total = logSumExp(logits);
  ids.sort((a, b) => logits[b]! - logits[a]! || a - b);
  return ids.slice(0, most).map((id) => ({ id, logprob: logits[id]! - total }));
}
