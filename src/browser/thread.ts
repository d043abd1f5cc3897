/** In the place of src/thread.ts: the threads of a browser have names of their own. */
import { Worker } from "./node/worker_threads.ts";

/** Starts a thread of the kernels, the only one that is started by its file's name here. */
export function startThread(name: string, _from: string, data: unknown): Worker {
  if (name !== "./worker") throw new Error(`no thread ${name} in a browser`);
  return new Worker("kernels/wasm/worker", { workerData: data });
}
