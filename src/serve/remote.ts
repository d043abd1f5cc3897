/** An engine in a thread of its own, so that the server hears and answers while the model computes. */
import type { Worker } from "node:worker_threads";
import { QwqError, received, type SentError } from "../errors.ts";
import type { AnswerEvent } from "../library/answer.ts";
import type { Asked, Engine } from "./engine.ts";

/** What the thread is told. */
export type Order =
  | { readonly call: number; readonly asked: Asked }
  | { readonly call: number; readonly stop: true }
  | { readonly close: true };

/** What it tells: that the model is loaded, and what comes of each call. */
export type Told =
  | { readonly ready: { readonly context: number } }
  | { readonly failed: SentError }
  | ({ readonly call: number } & (
      { readonly event: AnswerEvent } | { readonly done: true } | { readonly error: SentError }
    ));

/** What has come of a call and was not taken yet. */
class Heard {
  private readonly all: (AnswerEvent | Error | "done")[] = [];
  private wake: () => void = () => {};

  push(one: AnswerEvent | Error | "done"): void {
    this.all.push(one);
    this.wake();
  }

  async next(): Promise<AnswerEvent | Error | "done"> {
    while (this.all.length === 0) await new Promise<void>((resolve) => (this.wake = resolve));
    return this.all.shift()!;
  }
}

export class RemoteEngine implements Engine {
  readonly context: number;
  /** Settles when the thread has ended, which it does only when it is closed: with why it did otherwise. */
  readonly ended: Promise<Error | undefined>;
  private readonly worker: Worker;
  /** Its first number grows when a call is to end in the middle of its computing. */
  private readonly stops: Int32Array;
  private readonly alone: boolean;
  private readonly calls = new Map<number, Heard>();
  private next = 0;
  private why: Error | undefined;

  private constructor(worker: Worker, context: number, stops: Int32Array, alone: boolean) {
    this.worker = worker;
    this.context = context;
    this.stops = stops;
    this.alone = alone;
    worker.on("message", (told: Told) => this.hear(told));
    worker.on("error", (error) => (this.why = error));
    this.ended = new Promise((resolve) =>
      worker.on("exit", (code) => {
        if (code !== 0 || this.calls.size > 0) this.why ??= broken(`one that ended with ${code}`);
        for (const heard of this.calls.values()) heard.push(this.why!);
        resolve(this.why);
      }),
    );
  }

  /**
   * The engine of a thread that loads its model now. `alone`: whether it makes one sequence at a time, which can then be
   * stopped while it computes.
   *
   * throws   what loading the model does
   */
  static open(worker: Worker, stops: Int32Array, alone: boolean): Promise<RemoteEngine> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(error);
      worker.once("error", fail);
      worker.once("message", (told: Told) => {
        worker.off("error", fail);
        if ("ready" in told) resolve(new RemoteEngine(worker, told.ready.context, stops, alone));
        else if ("failed" in told) {
          reject(received(told.failed));
          void worker.terminate(); // the kernels may have threads already
        }
      });
    });
  }

  async *generate(asked: Asked, signal: AbortSignal): AsyncGenerator<AnswerEvent, void> {
    if (this.why !== undefined) throw this.why;
    const call = this.next++;
    const heard = new Heard();
    this.calls.set(call, heard);
    this.send({ call, asked });
    const stop = () => {
      if (this.alone) Atomics.add(this.stops, 0, 1);
      this.send({ call, stop: true });
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
    let one: AnswerEvent | Error | "done" | undefined;
    try {
      while ((one = await heard.next()) !== "done") {
        if (one instanceof Error) throw one;
        yield one;
      }
    } finally {
      signal.removeEventListener("abort", stop);
      if (one !== "done" && !(one instanceof Error)) {
        stop();
        for (let rest = await heard.next(); rest !== "done" && !(rest instanceof Error);) rest = await heard.next();
      }
      this.calls.delete(call);
    }
  }

  async close(): Promise<void> {
    this.send({ close: true });
    await this.ended;
  }

  private send(order: Order): void {
    this.worker.postMessage(order);
  }

  private hear(told: Told): void {
    if (!("call" in told)) return;
    const heard = this.calls.get(told.call);
    if ("event" in told) heard?.push(told.event);
    else heard?.push("done" in told ? "done" : received(told.error));
  }
}

function broken(actual: string): QwqError {
  const hint = "Start the server again; its log may say more.";
  return new QwqError("E_INTERNAL", "model", { expected: "a thread that computes", actual, hint });
}
