/** Encoding runs of rows, one after another, until there are none left or it is time to stop. */
import { parentPort } from "node:worker_threads";
import { QwqError } from "../errors.ts";
import { InputFile } from "../files/input.ts";
import { io } from "../files/io.ts";
import { PreadSource } from "../files/pread.ts";
import { readWeights } from "../files/weights.ts";
import { encodeRows, weightsWiden, type Widen } from "./encode.ts";
import { type Job, type Said, SLOT, type Work } from "./job.ts";

/** What is never read ahead: runs are handed out as threads come for them. */
const AHEAD = { slots: 1, bytes: Number.MAX_SAFE_INTEGER };

/** Takes runs of a model until none is left. Throws as `encodeRows` does. */
export function work(job: Job): void {
  const paths = [...new Set(job.tensors.map(({ path }) => path))];
  const files = paths.map((path) => new InputFile(path));
  const source = new PreadSource(files, job.tensors, { ahead: AHEAD });
  try {
    takeRuns(job, weightsWiden(readWeights(source, job.config, job.naming, job.packing)));
  } finally {
    source.close();
  }
}

/** Takes runs until none is left, with values from wherever. */
export function takeRuns({ files, targets, runs, journal, shared }: Work, widen: Widen): void {
  const open = [...files, ...(journal === undefined ? [] : [journal])].map((path) => io().openSync(path, "r+"));
  try {
    while (Atomics.load(shared, SLOT.stop) === 0n) {
      const run = runs[Number(Atomics.add(shared, SLOT.next, 1n))];
      if (run === undefined) return;
      const target = targets[run.target]!;
      encodeRows(widen, target, run.first, run.count, (file, at, bytes) => writeAt(open[file]!, bytes, at));
      if (journal !== undefined) {
        for (const file of new Set([target.file, target.scalesFile])) io().fsyncSync(open[file]!);
        writeAt(open.at(-1)!, Uint8Array.of(1), run.number);
      }
      Atomics.add(shared, SLOT.values, BigInt(run.count * target.columns));
    }
  } finally {
    for (const fd of open) io().closeSync(fd);
  }
}

/** Writes all of `bytes` at that place. */
export function writeAt(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) {
    done += io().writeSync(fd, bytes, done, bytes.length - done, position + done);
  }
}

/** Runs `take` in a thread: what it throws stops all threads and goes to the one that began it. */
export function inThread(shared: BigInt64Array, take: () => void): void {
  try {
    take();
  } catch (error) {
    Atomics.store(shared, SLOT.stop, 1n);
    if (!(error instanceof QwqError)) throw error;
    const { name, code, where, path, tensor, offset, expected, actual, hint } = error;
    const said: Said = { kind: name, code, where, details: { path, tensor, offset, expected, actual, hint } };
    parentPort?.postMessage(said);
  }
}
