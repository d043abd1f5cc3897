/** Passing over all files of a model, on several threads: the largest first, each file by one thread. */
import { LimitError, type QwqError, received } from "../errors.ts";
import { startThread } from "../thread.ts";
import { InputFile } from "../files/input.ts";
import { type FileFound, passOver } from "./pass.ts";
import { type Job, type Said, SLOT, type Task } from "./worker.ts";

export interface SurveyOptions {
  readonly threads: number;
  /** Ends the passes. */
  readonly signal?: AbortSignal | undefined;
  /** From so many bytes on, threads are worth their start; 16 MiB unless told. */
  readonly least?: number | undefined;
  /** Told how many bytes are read, of how many. */
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
}

const LEAST = 2 ** 24;

/**
 * What was found in each file, in the order of the tasks; undefined if it was interrupted. `bytes` are those that will be
 * read.
 *
 * throws   what `passOver` throws, of whichever file met it first; QwqError E_WORKER_DIED
 */
export async function survey(
  tasks: readonly Task[],
  bytes: readonly number[],
  options: SurveyOptions,
): Promise<FileFound[] | undefined> {
  const { threads, signal, onBytes, least = LEAST } = options;
  if (bytes.reduce((sum, some) => sum + some, 0) < least) return surveyHere(tasks, signal);
  const shared = new BigInt64Array(new SharedArrayBuffer(24));
  const total = bytes.reduce((sum, some) => sum + some, 0);
  const order = tasks.map((_, i) => i).sort((a, b) => bytes[b]! - bytes[a]!);
  const job: Job = { tasks: order.map((i) => tasks[i]!), shared };
  const found: FileFound[] = [];
  const stop = () => void Atomics.store(shared, SLOT.stop, 1n);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop);
  const timer = setInterval(() => onBytes?.(Number(Atomics.load(shared, SLOT.bytes)), total), 200);
  try {
    const count = Math.max(1, Math.min(threads, tasks.length));
    const keep = (task: number, file: FileFound) => void (found[order[task]!] = file);
    const ends = await Promise.allSettled(Array.from({ length: count }, () => thread(job, keep)));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    return signal?.aborted === true ? undefined : found;
  } finally {
    clearInterval(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** A small model's files, in this thread. */
async function surveyHere(tasks: readonly Task[], signal: AbortSignal | undefined): Promise<FileFound[] | undefined> {
  const found: FileFound[] = [];
  for (const task of tasks) {
    await new Promise((resolve) => setImmediate(resolve)); // signals get their turn
    if (signal?.aborted) return undefined;
    const file = new InputFile(task.path, task.real);
    try {
      found.push(passOver(file, task, () => undefined));
    } finally {
      file.close();
    }
  }
  return found;
}

/** One worker, from its beginning to its end. Throws what it met. */
function thread(job: Job, keep: (task: number, found: FileFound) => void): Promise<void> {
  const worker = startThread("./worker", import.meta.url, job);
  return new Promise((done, fail) => {
    worker.on("message", (said: Said) => {
      if ("task" in said) keep(said.task, said.found);
      else fail(received(said.error));
    });
    worker.on("error", (cause) => {
      Atomics.store(job.shared, SLOT.stop, 1n);
      fail(cause);
    });
    worker.on("exit", (code) => (code === 0 ? done() : fail(died(code))));
  });
}

function died(code: number): QwqError {
  const hint = "Memory may have run out; try --threads 1.";
  return new LimitError("E_WORKER_DIED", "verify", { expected: "threads that end", actual: `exit code ${code}`, hint });
}
