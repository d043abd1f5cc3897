/**
 * The parameters of the model as records of tensors, with their axes. Nothing here reads files.
 *
 * Matrices are stored output first ("HD C": HD rows of C weights), as in every checkpoint: nothing is transposed.
 */
import type { Rope } from "./config.ts";
import type { Tensor } from "./tensor.ts";

/** One decoder layer: W matrices, b biases, g gains. */
export interface Layer {
  readonly g1: Tensor<"C">;
  readonly Wq: Tensor<"HD C">;
  readonly bq: Tensor<"HD"> | undefined;
  readonly Wk: Tensor<"KD C">;
  readonly bk: Tensor<"KD"> | undefined;
  readonly Wv: Tensor<"KD C">;
  readonly bv: Tensor<"KD"> | undefined;
  readonly Wo: Tensor<"C HD">;
  readonly g2: Tensor<"C">;
  readonly Wgate: Tensor<"F C">;
  readonly Wup: Tensor<"F C">;
  readonly Wdown: Tensor<"C F">;
}

/** The whole model. `layers()` may read each layer from disk as it is reached, and give it back when it is passed. */
export interface Weights {
  /** The embedding: one row a token. */
  readonly E: Tensor<"V C">;
  /** Each layer with its number, in order. */
  layers(): Iterable<readonly [l: number, W: Layer]>;
  /** The gain of the final norm. */
  readonly g: Tensor<"C">;
  /** The unembedding, `lm_head`; the same tensor as E where the checkpoint ties them. */
  readonly U: Tensor<"V C">;
  readonly rope: Rope;
  /** RMSNorm's epsilon. */
  readonly eps: number;
}
