/** From a prompt and a reply to what a learner learns from: every token of the reply, and of the prompt what it says is right. */
import type { Lesson } from "../learner.ts";

/** A prompt and what follows it. */
export interface Dialogue {
  readonly prompt: Uint32Array;
  /** With the id that ends it, where it ended by itself. */
  readonly reply: Uint32Array;
  /** Places of the prompt that are learnt too: earlier turns of the model's own. None unless told. */
  readonly spans?: readonly Span[] | undefined;
}

/** From the first place to the one after the last. */
export type Span = readonly [from: number, to: number];

/**
 * The sequence whose targets are the reply.
 *
 *   ids      p1 .. pn o1 .. o(m-1)
 *   targets  p2 .. pn o1 ..   om
 *   weights  0  .. 0  w  ..   w        and w where a target is in a span
 *
 * shapes   all three [n + m - 1]
 */
export function lesson({ prompt, reply, spans = [] }: Dialogue, weight: number): Lesson {
  const all = Uint32Array.of(...prompt, ...reply);
  const weights = new Float32Array(all.length - 1).fill(weight, prompt.length - 1);
  for (const [from, to] of spans) weights.fill(weight, from - 1, to - 1);
  return { ids: all.subarray(0, -1), targets: all.subarray(1), weights };
}

/** How many tokens are learnt. */
export function learntTokens({ reply, spans = [] }: Dialogue): number {
  return spans.reduce((sum, [from, to]) => sum + to - from, reply.length);
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
