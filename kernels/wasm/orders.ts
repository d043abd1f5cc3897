/** What the threads of a team share beside the kernels' memory: which kernel is to be run, and who is done. */
export interface Orders {
  readonly words: Int32Array;
  /** The kernel's arguments. */
  readonly args: Float64Array;
}

/**
 * `epoch` goes up with every order; `pending` counts the threads that are not done; `failed` stays once a thread failed;
 * `kernel` is the number of an export, `count` that of its arguments, `memory` that of the memory they mean.
 */
export const WORD = { epoch: 0, pending: 1, failed: 2, kernel: 3, count: 4, memory: 5 } as const;

/** In the place of a kernel's number: a further memory comes as a message. */
export const RECEIVE = -1;
