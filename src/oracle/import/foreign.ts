/**
 * What an importer reads from another engine's files, before anything of it has a name of ours.
 */

/** A tensor as the engine wrote it: row major, the last axis innermost. */
export interface ForeignTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** ggml's operation, where the engine says it. */
  readonly op?: string | undefined;
  /** Absolute positions of its rows, where the engine says them. */
  readonly rows?: readonly number[] | undefined;
}

export interface Foreign {
  readonly tensors: readonly ForeignTensor[];
  readonly ids?: readonly number[] | undefined;
  readonly engine?: string | undefined;
  readonly policy?: string | undefined;
}
