/** Comparisons of mathematical answers in a thread of their own, each within a limit of time and memory. */
import type { Worker } from "node:worker_threads";
import { startThread } from "../../thread.ts";

/** What a comparison came to; `timeout` where it was ended, by the clock or for want of memory. */
export type Outcome = "same" | "different" | "timeout";

export interface JudgeOptions {
  /** Of each comparison, once the thread has started: 5 unless told, as math-verify has it. */
  readonly seconds?: number | undefined;
}

interface Said {
  readonly ready?: true;
  readonly same?: boolean;
}

/** Starting takes half a second of a processor; on a machine that is busy, far longer. */
const START_SECONDS = 120;

/** One thread, started with the first comparison, and again where one had to be ended. */
export class MathJudge {
  private readonly seconds: number;
  private thread: Promise<Worker> | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor({ seconds = 5 }: JudgeOptions = {}) {
    this.seconds = seconds;
  }

  /** Whether `given` says `expected`; comparisons that are asked for at once wait for each other. */
  compare(expected: string, given: string): Promise<Outcome> {
    const outcome = this.last.then(() => this.next(expected, given));
    this.last = outcome.catch(() => undefined);
    return outcome;
  }

  async close(): Promise<void> {
    await this.last;
    const thread = await this.thread?.catch(() => undefined);
    this.thread = undefined;
    await thread?.terminate();
  }

  private async next(expected: string, given: string): Promise<Outcome> {
    this.thread ??= start();
    const thread = await this.thread;
    thread.ref();
    const answer = heard(thread, this.seconds);
    thread.postMessage({ expected, given });
    const said = await answer;
    if (said?.same !== undefined) {
      // A program that has nothing else to do may end.
      thread.unref();
      return said.same ? "same" : "different";
    }
    this.thread = undefined;
    await thread.terminate();
    return "timeout";
  }
}

async function start(): Promise<Worker> {
  const thread = startThread("./worker", import.meta.url, undefined);
  let cause: unknown;
  thread.once("error", (error) => (cause = error));
  const said = await heard(thread, START_SECONDS);
  if (said?.ready) return thread;
  await thread.terminate();
  const why = cause instanceof Error ? cause.message : `it said nothing for ${START_SECONDS} s`;
  throw new Error(`the thread that compares answers did not start: ${why}`, { cause });
}

/** The next thing a thread says; `undefined` where it ends or the time is up first. */
function heard(thread: Worker, seconds: number): Promise<Said | undefined> {
  return new Promise((resolve) => {
    const done = (said?: Said) => {
      clearTimeout(timer);
      thread.off("message", done).off("error", failed).off("exit", failed);
      resolve(said);
    };
    const failed = () => done();
    const timer = setTimeout(failed, 1000 * seconds);
    thread.on("message", done).on("error", failed).on("exit", failed);
  });
}
