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
    const id = draw(distribution(logits, [], this.sampling), this.random.fraction());
    this.ids.push(id);
    this.logprobs.push(logits[id]! - logSumExp(logits));
    this.ended = this.drawing.stop.includes(id);
    this.done = this.ended || this.ids.length >= this.drawing.limit;
    return id;
  }

  /** What it has become. */
  drawn(): Drawn {
    return { ids: Uint32Array.from(this.ids), logprobs: Float32Array.from(this.logprobs), ended: this.ended };
  }
}
