/** Sequences of different lengths in one batch, without padding. */

/** Sequences one after another in one matrix of tokens. Only attention and the places know where one ends. */
export interface Packing {
  readonly ids: Uint32Array;
  /** Tokens of each sequence. */
  readonly lengths: readonly number[];
}

/** Puts sequences one after another. */
export function pack(sequences: readonly Uint32Array[]): Packing {
  const lengths = sequences.map((ids) => ids.length);
  const ids = new Uint32Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const each of sequences) {
    ids.set(each, at);
    at += each.length;
  }
  return { ids, lengths };
}
