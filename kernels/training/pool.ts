/** Threads that do tasks. Which thread does which is chance; what comes of it is not. */
import type { Worker } from "node:worker_threads";
import { FormatError, LimitError, QwqError } from "../../src/errors.ts";
import { startThread } from "../../src/thread.ts";
import type { Results, Task } from "./work.ts";
import type { Answer, Fault, Start } from "./worker.ts";

/** A thread, and who waits for its answer. */
interface Thread {
  readonly worker: Worker;
  settle: ((answer: Answer) => void) | undefined;
}

/** Threads with the model before them. */
export class Pool {
  private threads: Thread[] = [];
  private broken: string | undefined;

  /** Starts so many. They never keep the process alive but while they work. Throws QwqError E_INTERNAL where one does not. */
  static async start(count: number, data: Start): Promise<Pool> {
    const pool = new Pool();
    pool.threads = Array.from({ length: count }, () => pool.thread(startThread("./worker", import.meta.url, data)));
    const ready = pool.threads.map((thread) => pool.answer(thread));
    try {
      await Promise.all(ready);
    } catch (error) {
      await pool.close();
      throw error;
    }
    for (const { worker } of pool.threads) worker.unref();
    return pool;
  }

  get size(): number {
    return this.threads.length;
  }

  /**
   * Does the tasks, each on the first thread that is free; the results in the tasks' order. If one fails, its error is thrown when
   * no other is at work any more.
   */
  async run<K extends Task["kind"]>(tasks: readonly Extract<Task, { kind: K }>[]): Promise<Results[K][]> {
    const results: Results[K][] = [];
    let next = 0;
    const work = async (thread: Thread) => {
      for (let n = next++; n < tasks.length; n = next++) {
        thread.worker.postMessage(tasks[n]);
        results[n] = (await this.answer(thread)) as Results[K];
      }
    };
    for (const { worker } of this.threads) worker.ref();
    const done = await Promise.allSettled(this.threads.map(work));
    for (const { worker } of this.threads) worker.unref();
    const failed = done.find((each) => each.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    return results;
  }

  /** Ends the threads; resolves when none is left. */
  async close(): Promise<void> {
    this.broken ??= "was closed";
    await Promise.all(this.threads.map(({ worker }) => worker.terminate()));
  }

  private thread(worker: Worker): Thread {
    const thread: Thread = { worker, settle: undefined };
    const end = (how: string) => {
      this.broken ??= how;
      thread.settle?.({ fault: { name: "QwqError", message: this.broken } });
    };
    worker.on("message", (answer: Answer | "ready") =>
      thread.settle?.(answer === "ready" ? { value: undefined } : answer),
    );
    worker.on("error", (error) => end(`failed (${error instanceof Error ? error.message : String(error)})`));
    worker.on("exit", () => end("ended"));
    return thread;
  }

  private answer(thread: Thread): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.broken !== undefined) return reject(dead(this.broken));
      thread.settle = (answer) => {
        thread.settle = undefined;
        if ("value" in answer) resolve(answer.value);
        else reject(this.broken === undefined ? errorOf(answer.fault) : dead(this.broken));
      };
    });
  }
}

function dead(actual: string): QwqError {
  return new QwqError("E_INTERNAL", "training", {
    expected: "every thread of the learner at work",
    actual: `one that ${actual}`,
    hint: "Open the learner again, from its last state.",
  });
}

/** The error that a thread met. */
function errorOf({ name, message, code, where, ...details }: Fault): Error {
  if (code === undefined || where === undefined) return dead(`failed (${name}: ${message})`);
  const kinds = { FormatError, LimitError } as Record<string, typeof QwqError>;
  return new (kinds[name] ?? QwqError)(code, where, details);
}
