/** Runs shared out among threads, and what becomes of their errors. */
import type { Worker } from "node:worker_threads";
import { FormatError, IoError, LimitError, QwqError, UsageError } from "../errors.ts";
import { startThread } from "../thread.ts";
import { runRows } from "./encode.ts";
import { type Job, type Run, type Said, SLOT, type Work } from "./job.ts";
import type { Target } from "./target.ts";
import { work } from "./work.ts";

export interface ThreadOptions {
  /** 0 does everything in this one, which hears nothing meanwhile. */
  readonly threads: number;
  /** Ends the work. */
  readonly signal?: AbortSignal | undefined;
  /** Told how many values are done, of how many. */
  readonly onValues?: ((done: number, total: number) => void) | undefined;
}

/** Every row of every target. */
export function runsOf(targets: readonly Target[]): Run[] {
  const runs = targets.flatMap((target, number) => {
    const most = runRows(target);
    return Array.from({ length: Math.ceil(target.rows / most) }, (_, i) => {
      return { target: number, first: i * most, count: Math.min(most, target.rows - i * most) };
    });
  });
  return runs.map((run, number) => ({ number, ...run }));
}

/** How the work is done: one thread, or this one. */
export interface Hands<J extends Work> {
  readonly start: (job: J) => Worker;
  readonly here: (job: J) => void;
}

const MODEL: Hands<Job> = { start: (job) => startThread("./worker", import.meta.url, job), here: work };

/** Encodes a model; false if it was interrupted. Throws what a thread met. */
export function encodeAll(job: Omit<Job, "runs" | "shared">, o: ThreadOptions): Promise<boolean> {
  return shareOut({ ...job, ...sharedRuns(runsOf(job.targets)) }, o, MODEL);
}

/** Runs, and the numbers that threads share. */
export function sharedRuns(runs: readonly Run[]): Pick<Work, "runs" | "shared"> {
  return { runs, shared: new BigInt64Array(new SharedArrayBuffer(24)) };
}

/** Has all runs done; false if it was interrupted. Throws what a thread met. */
export async function shareOut<J extends Work>(job: J, o: ThreadOptions, { start, here }: Hands<J>): Promise<boolean> {
  const { runs, shared, targets } = job;
  const total = runs.reduce((sum, run) => sum + run.count * targets[run.target]!.columns, 0);
  const stop = () => void Atomics.store(shared, SLOT.stop, 1n);
  if (o.signal?.aborted) stop();
  o.signal?.addEventListener("abort", stop);
  const timer = setInterval(() => o.onValues?.(Number(Atomics.load(shared, SLOT.values)), total), 200);
  try {
    if (o.threads === 0) here(job);
    const count = Math.min(o.threads, runs.length);
    const ends = await Promise.allSettled(Array.from({ length: count }, () => ended(start(job))));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    return o.signal?.aborted !== true;
  } finally {
    clearInterval(timer);
    o.signal?.removeEventListener("abort", stop);
  }
}

const CLASSES = { FormatError, IoError, LimitError, UsageError } as const;

/** One worker, until its end. Throws what it met. */
function ended(worker: Worker): Promise<void> {
  return new Promise((done, fail) => {
    worker.on("message", ({ kind, code, where, details }: Said) => {
      const Class = kind in CLASSES ? CLASSES[kind as keyof typeof CLASSES] : QwqError;
      fail(new Class(code, where, details));
    });
    worker.on("error", fail);
    worker.on("exit", () => done());
  });
}
