/** From a prompt and a reply to what a learner learns from: every token of the reply, and none of the prompt. */
import type { Lesson } from "../learner.ts";

/** A prompt and what follows it. */
export interface Dialogue {
  readonly prompt: Uint32Array;
  /** With the id that ends it, where it ended by itself. */
  readonly reply: Uint32Array;
}

/**
 * The sequence whose targets are the reply.
 *
 *   ids      p1 .. pn o1 .. o(m-1)
 *   targets  p2 .. pn o1 ..   om
 *   weights  0  .. 0  w  ..   w
 *
 * shapes   all three [n + m - 1]
 */
export function lesson({ prompt, reply }: Dialogue, weight: number): Lesson {
  const all = Uint32Array.of(...prompt, ...reply);
  const weights = new Float32Array(all.length - 1).fill(weight, prompt.length - 1);
  return { ids: all.subarray(0, -1), targets: all.subarray(1), weights };
}

/** Values of a reply's tokens at their places in the lesson, 0 at the prompt's. */
export function placed({ prompt, reply }: Dialogue, values: ArrayLike<number>): Float32Array {
  const all = new Float32Array(prompt.length + reply.length - 1);
  all.set(values, prompt.length - 1);
  return all;
}

/** The part of a lesson's values that belongs to the reply. */
export function ofReply({ prompt }: Dialogue, values: Float32Array): Float32Array {
  return values.subarray(prompt.length - 1);
}
