/** The thread that hears of signals from the supervisor while the main thread computes, and so hears nothing itself. */
import { Socket } from "node:net";
import { workerData } from "node:worker_threads";

/** What the thread is given. */
export interface Hearing {
  /** The supervisor's pipe: a byte for each signal, its number. */
  readonly fd: number;
  /** How many signals have come, and which was the last. */
  readonly heard: Int32Array;
}

function listen({ fd, heard }: Hearing): void {
  const pipe = new Socket({ fd, readable: true, writable: false });
  pipe.on("data", (numbers: Uint8Array) => {
    Atomics.store(heard, 1, numbers.at(-1)!);
    Atomics.add(heard, 0, numbers.length);
  });
  pipe.on("error", () => {}); // then signals are heard when the main thread has time
}

listen(workerData as Hearing);
