/** The slots into which weights are read ahead, as two threads see them. */

/** What the thread and whoever asks share: two words, then one for each slot; see `WORD` and `STATE`. */
export interface Shared {
  readonly words: Int32Array;
  /** Four numbers a slot: the open file, the place in it, how many bytes, and the order of asking. */
  readonly orders: Float64Array;
  readonly slots: readonly Uint8Array[];
}

/** `bell` counts what was asked; `stop` ends the thread; the slots' states follow. */
export const WORD = { bell: 0, stop: 1, states: 2 } as const;

/**
 * Of a slot. Who asks turns free into asked, and asked back into free while nobody has begun; the thread turns asked into
 * reading, and reading into ready or failed. Why a read failed is not said here: who asks reads again and sees.
 */
export const STATE = { free: 0, asked: 1, reading: 2, ready: 3, failed: 4 } as const;
