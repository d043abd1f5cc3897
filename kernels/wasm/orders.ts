/** What the threads of a team share beside the kernels' memory: which kernel is to be run, and who is done. */
export interface Orders {
  readonly words: Int32Array;
  /** The kernel's arguments. */
  readonly args: Float64Array;
}

/**
 * `epoch` goes up with every order; `pending` counts the threads that are not done; `failed` stays once a thread failed;
 * `kernel` is the number of an export, `memory` that of the memory its arguments mean; `asleep` counts the threads that sleep
 * until the next order, and `awaited` is 1 while the caller sleeps until the last thread is done: nobody else is woken.
 */
export const WORD = { epoch: 0, pending: 1, failed: 2, kernel: 3, memory: 4, asleep: 5, awaited: 6 } as const;

/** The most arguments a kernel has, beside its thread and the number of threads. */
export const MOST_ARGS = 16;

/** In the place of a kernel's number: a further memory comes as a message. */
export const RECEIVE = -1;
