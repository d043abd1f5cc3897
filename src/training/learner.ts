/**
 * What the stages of training ask of whoever computes: the equations of backward/, or the kernels (kernels/training), which
 * do the same many times faster. The stages know only this.
 */
import type { AdamWOptions } from "./adamw.ts";
import type { Parameters } from "./parameters.ts";

/** A sequence to learn from. Its targets are its ids, one place on, with the end's. */
export interface Lesson {
  readonly ids: Uint32Array;
  readonly targets: Uint32Array;
  /** What each target counts; 0 where nothing is to be learnt, as in the prompt. */
  readonly weights: Float32Array;
  /** Where given, the clipped objective of policy optimisation takes the place of the likelihood. */
  readonly policy?: Policy | undefined;
}

/**
 * The clipped objective, token by token:
 *
 *   loss = sum_t weights[t] (-min(r A, clamp(r, 1 - low, 1 + high) A) + beta D),   r = p(target) / before
 *
 * D keeps the policy near another one, where there is such (policy.ts).
 *
 * source   Schulman et al. 2017 (arXiv 1707.06347) equation 7; Shao et al. 2024 (arXiv 2402.03300) equations 3 and 4
 */
export interface Policy {
  /** A of each target; 0 in the prompt. */
  readonly advantages: Float32Array;
  /** ln p of each target under the weights that drew it. */
  readonly before: Float32Array;
  readonly low: number;
  readonly high: number;
  /** The policy to stay near: ln p of each target under it, and how much straying costs. */
  readonly near?: { readonly logprobs: Float32Array; readonly beta: number } | undefined;
}

/** What a batch said. */
export interface Outcome {
  /** The sum of the lessons' losses. */
  readonly loss: number;
  /** -ln p of each target, lesson by lesson. */
  readonly nll: readonly Float32Array[];
  /** Of the clipped objective: the share of the weighted targets whose ratio was clipped. */
  readonly clipped: number;
}

/** Two answers to one prompt, the prompt before each. */
export interface Preference {
  readonly chosen: Uint32Array;
  readonly rejected: Uint32Array;
  /** What the pair counts; 1 unless told. */
  readonly weight?: number | undefined;
}

/** How replies are drawn. */
export interface Drawing {
  /** 0 takes the likeliest, the lowest id among equals. */
  readonly temperature: number;
  readonly topK?: number | undefined;
  readonly topP?: number | undefined;
  /** At most so many tokens a reply. */
  readonly limit: number;
  /** The ids that end a reply; they are part of it. */
  readonly stop: readonly number[];
  /** Each reply's draws depend on this, and on the place of its prompt in the list, alone. */
  readonly seed: number;
}

/** A reply that was drawn. */
export interface Drawn {
  readonly ids: Uint32Array;
  /** ln p of each id at temperature 1, nothing filtered: the policy's own. */
  readonly logprobs: Float32Array;
  /** Whether it ended by itself. */
  readonly ended: boolean;
}

/** Everything that a training is, between two steps. */
export interface LearnerState {
  readonly parameters: Parameters;
  /** AdamW's m and v, of the form of the parameters. */
  readonly mean: Parameters;
  readonly square: Parameters;
  /** Steps taken. */
  readonly step: number;
}

/** How a step is taken. */
export interface Update extends AdamWOptions {
  /** The length that the gradient may have at most; any unless told. */
  readonly norm?: number | undefined;
}

/** A model that learns. Results depend on what is given alone, not on the number of threads. */
export interface Learner {
  /** Adds the gradients of a batch to those gathered since the last update: gradient accumulation. */
  learn(batch: readonly Lesson[]): Promise<Outcome>;
  /** Clips what was gathered to the norm, where one is given; one step of AdamW; forgets the gradients. The norm before. */
  update(options: Update): Promise<number>;
  /**
   * Adds the gradients of pairs of which one is liked better, by a model whose U is [1 C] (preference.ts). The outcome has a
   * pair's -ln sigmoid(r(chosen) - r(rejected)) as its `nll`.
   */
  prefer(pairs: readonly Preference[]): Promise<Outcome>;
  /** The reward of each sequence: the one logit of its last token, by a model whose U is [1 C]. */
  rewards(sequences: readonly Uint32Array[]): Promise<Float64Array>;
  /** ln p of each target. */
  score(batch: readonly Pick<Lesson, "ids" | "targets">[]): Promise<readonly Float32Array[]>;
  /** One reply to each prompt, many at a time. */
  draw(prompts: readonly Uint32Array[], drawing: Drawing): Promise<readonly Drawn[]>;
  /** A copy of what it is now. */
  state(): Promise<LearnerState>;
  /** Goes on from a state of the same shape. */
  restore(state: LearnerState): Promise<void>;
  close(): Promise<void>;
}
