/** A reply as it is drawn, token by token: the same for whoever computes the logits. */
import { draw, Random } from "../generate/random.ts";
import { checkSampling, distribution, type Sampling } from "../generate/sampling.ts";
import { logSumExp } from "../generate/softmax.ts";
import type { Drawing, Drawn } from "./learner.ts";

/** The sampler's settings. Throws UsageError E_ARG_SAMPLING. */
export function samplingOf({ temperature, topK = 0, topP = 1 }: Drawing): Sampling {
  return checkSampling({ temperature, topK, topP, minP: 0, repetitionPenalty: 1, greedy: temperature === 0 });
}

/**
 * The chance of the reply at that place of the list: one seed makes as many unrelated ones as are asked for.
 *
 * throws   UsageError E_ARG_SEED
 */
export function chance(seed: number, place: number): Random {
  return new Random(BigInt.asUintN(64, new Random(seed).word() + BigInt(place)));
}

/** An id, and ln of its probability at temperature 1, nothing filtered. */
interface Choice {
  readonly id: number;
  readonly logprob: number;
}

/** The id at `u` in [0, 1) of the logits' distribution. Throws FormatError E_NUM_NONFINITE where there is nothing to draw from. */
export function choose(logits: Float32Array, sampling: Sampling, u: number): Choice {
  const { temperature, topK, topP } = sampling;
  const whole = temperature === 1 && topK === 0 && topP === 1 ? chooseOfAll(logits, u) : undefined;
  if (whole !== undefined) return whole;
  const id = draw(distribution(logits, [], sampling), u);
  return { id, logprob: logits[id]! - logSumExp(logits) };
}

let exponentials = new Float64Array();

/**
 * Of all ids at temperature 1, with the bits of `distribution`, `draw` and `logSumExp`: each exponential is computed once, and
 * no list of ids is made. Undefined where a logit is not finite.
 */
function chooseOfAll(logits: Float32Array, u: number): Choice | undefined {
  if (exponentials.length < logits.length) exponentials = new Float64Array(logits.length);
  const p = exponentials;
  let max = -Infinity;
  for (let i = 0; i < logits.length; i++) {
    const x = logits[i]!;
    if (x - x !== 0) return undefined;
    if (x > max) max = x;
  }
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += p[i] = Math.exp(logits[i]! - max);
  let rest = 0;
  for (let i = 0; i < logits.length; i++) rest += p[i]! /= sum;
  rest *= u;
  let id = 0;
  for (let i = 0; i < logits.length && rest >= 0; i++) {
    if (p[i]! > 0) id = i;
    rest -= p[i]!;
  }
  return { id, logprob: logits[id]! - (max + Math.log(sum)) };
}

/** A reply that grows. */
export class Reply {
  /** Whether there is nothing more to draw. */
  done: boolean;
  private ended = false;
  private readonly drawing: Drawing;
  private readonly sampling: Sampling;
  private readonly random: Random;
  private readonly ids: number[] = [];
  private readonly logprobs: number[] = [];

  constructor(drawing: Drawing, place: number) {
    this.drawing = drawing;
    this.sampling = samplingOf(drawing);
    this.random = chance(drawing.seed, place);
    this.done = drawing.limit <= 0;
  }

  /** Draws the next id from its logits. Throws FormatError E_NUM_NONFINITE where there is nothing to draw from. */
  next(logits: Float32Array): number {
    const { id, logprob } = choose(logits, this.sampling, this.random.fraction());
    this.ids.push(id);
    this.logprobs.push(logprob);
    this.ended = this.drawing.stop.includes(id);
    this.done = this.ended || this.ids.length >= this.drawing.limit;
    return id;
  }

  /** What it has become. */
  drawn(): Drawn {
    return { ids: Uint32Array.from(this.ids), logprobs: Float32Array.from(this.logprobs), ended: this.ended };
  }
}
