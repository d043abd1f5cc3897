/** Runs shared out among threads, and what becomes of their errors. */
import { FormatError, IoError, LimitError, QwqError, UsageError } from "../errors.ts";
import { startThread } from "../thread.ts";
import { runRows } from "./encode.ts";
import { type Job, type Run, type Said, SLOT } from "./job.ts";
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
  return targets.flatMap((target, number) => {
    const most = runRows(target);
    return Array.from({ length: Math.ceil(target.rows / most) }, (_, i) => {
      return { target: number, first: i * most, count: Math.min(most, target.rows - i * most) };
    });
  });
}

/** Encodes everything; false if it was interrupted. Throws what a thread met. */
export async function encodeAll(job: Omit<Job, "runs" | "shared">, o: ThreadOptions): Promise<boolean> {
  const shared = new BigInt64Array(new SharedArrayBuffer(24));
  const runs = runsOf(job.targets);
  const total = job.targets.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  const stop = () => void Atomics.store(shared, SLOT.stop, 1n);
  if (o.signal?.aborted) stop();
  o.signal?.addEventListener("abort", stop);
  const timer = setInterval(() => o.onValues?.(Number(Atomics.load(shared, SLOT.values)), total), 200);
  try {
    if (o.threads === 0) work({ ...job, runs, shared });
    const count = Math.min(o.threads, runs.length);
    const ends = await Promise.allSettled(Array.from({ length: count }, () => thread({ ...job, runs, shared })));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    return o.signal?.aborted !== true;
  } finally {
    clearInterval(timer);
    o.signal?.removeEventListener("abort", stop);
  }
}

const CLASSES = { FormatError, IoError, LimitError, UsageError } as const;

/** One worker, from its beginning to its end. Throws what it met. */
function thread(job: Job): Promise<void> {
  const worker = startThread("./worker", import.meta.url, job);
  return new Promise((done, fail) => {
    worker.on("message", ({ kind, code, where, details }: Said) => {
      const Class = kind in CLASSES ? CLASSES[kind as keyof typeof CLASSES] : QwqError;
      fail(new Class(code, where, details));
    });
    worker.on("error", fail);
    worker.on("exit", () => done());
  });
}
