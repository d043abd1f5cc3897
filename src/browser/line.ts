/** The page's end of the line to the worker: calls with numbers, and what is said to each. */
import { QwqError } from "../errors.ts";
import { type Call, type Event, received, type Said } from "./messages.ts";

/** Who waits for what is said to a call. */
interface Waiting {
  say(said: Said): void;
  fail(error: Error): void;
}

/** A worker that answers calls. */
export class Line {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private next = 0;
  private broken: Error | undefined;

  constructor(worker: Worker) {
    this.worker = worker;
    worker.onmessage = ({ data }: MessageEvent<Said>) => this.waiting.get(data.number)?.say(data);
    worker.onerror = ({ message }) => this.fail(failed(message || "a script that could not be loaded"));
  }

  /** One value. */
  call(call: Call): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const number = this.send(call, {
        say: (said) => {
          this.waiting.delete(number);
          if ("error" in said) reject(received(said.error));
          else if ("value" in said) resolve(said.value);
        },
        fail: reject,
      });
    });
  }

  /** Events until the call's end. Leaving the loop early, or the signal, stops the worker's work. */
  async *events(call: Call, signal: AbortSignal | undefined): AsyncGenerator<Event, void> {
    const heard: (Said | Error)[] = [];
    let wake = () => {};
    const hear = (one: Said | Error) => {
      heard.push(one);
      wake();
    };
    const number = this.send(call, { say: hear, fail: hear });
    const stop = () => this.worker.postMessage({ method: "stop", call: number, number: -1 });
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop);
    try {
      for (;;) {
        const one = heard.shift();
        if (one === undefined) await new Promise<void>((resolve) => (wake = resolve));
        else if (one instanceof Error) throw one;
        else if ("error" in one) throw received(one.error);
        else if ("value" in one) return;
        else yield one.event;
      }
    } finally {
      signal?.removeEventListener("abort", stop);
      this.waiting.delete(number);
      stop();
    }
  }

  /** Ends the worker; what waits fails. */
  end(): void {
    this.worker.terminate();
    this.fail(failed("one that was ended with its model"));
  }

  private send(call: Call, waiting: Waiting): number {
    const number = this.next++;
    this.waiting.set(number, waiting);
    if (this.broken !== undefined) waiting.fail(this.broken);
    else this.worker.postMessage({ ...call, number });
    return number;
  }

  private fail(error: Error): void {
    this.broken ??= error;
    for (const waiting of this.waiting.values()) waiting.fail(error);
  }
}

function failed(actual: string): QwqError {
  return new QwqError("E_INTERNAL", "worker", {
    expected: "the model's worker at work",
    actual,
    hint: "Load the model again.",
  });
}
