/** A thread that passes over files, one after another, until there are none left or it is told to stop. */
import { parentPort, workerData } from "node:worker_threads";
import { QwqError, sent, type SentError } from "../errors.ts";
import { InputFile } from "../files/input.ts";
import { type FileFound, passOver, type Wanted } from "./pass.ts";

/** One file to pass over. */
export interface Task extends Wanted {
  readonly path: string;
  /** Where it lies, once links are followed. */
  readonly real: string;
}

/** What a worker is given. */
export interface Job {
  readonly tasks: readonly Task[];
  /** Three numbers that all threads share; see `SLOT`. */
  readonly shared: BigInt64Array;
}

/** The shared numbers: the next task, bytes read by all, and whether to stop (not 0). */
export const SLOT = { next: 0, bytes: 1, stop: 2 } as const;

/** What a worker says: of a task, what was found, or what went wrong. */
export type Said = { readonly task: number; readonly found: FileFound } | { readonly error: SentError };

class Stopped extends Error {}

function work({ tasks, shared }: Job): void {
  for (;;) {
    const number = Number(Atomics.add(shared, SLOT.next, 1n));
    const task = tasks[number];
    if (task === undefined) return;
    const file = new InputFile(task.path, task.real);
    try {
      const found = passOver(file, task, (bytes) => {
        Atomics.add(shared, SLOT.bytes, BigInt(bytes));
        if (Atomics.load(shared, SLOT.stop) !== 0n) throw new Stopped();
      });
      say({ task: number, found });
    } finally {
      file.close();
    }
  }
}

function say(said: Said): void {
  parentPort?.postMessage(said);
}

function run(job: Job): void {
  try {
    work(job);
  } catch (error) {
    if (error instanceof Stopped) return;
    Atomics.store(job.shared, SLOT.stop, 1n);
    if (!(error instanceof QwqError)) throw error;
    say({ error: sent(error) });
  }
}

if (parentPort !== null) run(workerData as Job); // else another file only wants to know SLOT
