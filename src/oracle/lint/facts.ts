/**
 * What can be known of a model without its weights, whatever kind of file says it, each with the place where it says so.
 */
import type { Vocabulary } from "../../text/vocabulary.ts";

/** A value and where it stands: "config.json: rms_norm_eps". */
export interface Claim<T> {
  readonly value: T;
  readonly where: string;
}

/** Sizes and constants of the model, by the names of Config. */
export type Size =
  | "layers"
  | "channels"
  | "heads"
  | "keyHeads"
  | "headSize"
  | "feedForward"
  | "vocabulary"
  | "context"
  | "eps"
  | "theta";

/** Settings of the sampler, by the names of Sampling. */
export type Setting = "temperature" | "topK" | "topP" | "minP" | "repetitionPenalty";

/** RoPE's scaling, as the file has it. */
export interface Scaling {
  /** "yarn", "linear", "dynamic". */
  readonly type: string;
  readonly factor: number | undefined;
  readonly original: number | undefined;
  /** What cos and sin are multiplied by, where the file says so: HF's attention_factor, or GGUF's times 0.1 ln f + 1. */
  readonly attention: number | undefined;
}

/** Which biases some layer has and which some layer lacks, and whether there is an unembedding of its own. */
export interface TensorFacts {
  readonly layers: number;
  /** Layers that have the bias, by projection. */
  readonly biases: Readonly<Record<"q" | "k" | "v" | "o", number>>;
  readonly head: boolean;
}

/** A token with a meaning of its own. */
export interface Special {
  readonly id: number;
  readonly special: boolean;
}

export interface Facts {
  readonly path: string;
  readonly kind: "folder" | "config" | "gguf" | "metadata" | "published";
  /** The model's name for itself. */
  readonly name: string | undefined;
  readonly architecture: Claim<string> | undefined;
  readonly numbers: Readonly<Partial<Record<Size, Claim<number>>>>;
  /** Where each number would stand. */
  readonly place: (key: Size | Setting) => string;
  readonly act: Claim<string> | undefined;
  readonly tied: Claim<boolean> | undefined;
  readonly window: Claim<boolean> | undefined;
  readonly dtype: Claim<string> | undefined;
  readonly scaling: Claim<Scaling> | undefined;
  readonly tensors: Claim<TensorFacts> | undefined;
  readonly eos: Claim<readonly number[]> | undefined;
  readonly pad: Claim<number> | undefined;
  readonly addBos: Claim<boolean> | undefined;
  readonly addEos: Claim<boolean> | undefined;
  readonly prefixSpace: Claim<boolean> | undefined;
  /** Added tokens by content. */
  readonly specials: Claim<ReadonlyMap<string, Special>> | undefined;
  /** One more than the highest id that has a text. */
  readonly tokens: Claim<number> | undefined;
  /** Rows that fill up the embedding and are nevertheless tokens like others. */
  readonly paddingTokens: Claim<number> | undefined;
  readonly tokenizer: Claim<Vocabulary | Error> | undefined;
  readonly sampling: Readonly<Partial<Record<Setting, Claim<number>>>>;
  readonly sample: Claim<boolean> | undefined;
  readonly template: Claim<string> | undefined;
  /** Which parts the subject could have had: what is absent from one of them is missing, else it was not looked for. */
  readonly has: Readonly<Record<"config" | "generation" | "tokenizer" | "template" | "tensors", boolean>>;
}
