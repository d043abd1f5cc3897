/** A thread that encodes: see work.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { QwqError } from "../errors.ts";
import { type Job, type Said, SLOT } from "./job.ts";
import { work } from "./work.ts";

function run(job: Job): void {
  try {
    work(job);
  } catch (error) {
    Atomics.store(job.shared, SLOT.stop, 1n);
    if (!(error instanceof QwqError)) throw error;
    const { name, code, where, path, tensor, offset, expected, actual, hint } = error;
    const said: Said = { kind: name, code, where, details: { path, tensor, offset, expected, actual, hint } };
    parentPort?.postMessage(said);
  }
}

run(workerData as Job);
