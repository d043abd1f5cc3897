/** A request's turns, with what is measured of each. */
import type { ChoiceEvent } from "./choice.ts";
import type { Metrics } from "./metrics.ts";
import type { FairQueue } from "./queue.ts";
import type { Turns } from "./response.ts";

export class Watched implements Turns {
  readonly signal: AbortSignal;
  private readonly queue: FairQueue;
  private readonly metrics: Metrics;
  private readonly client: string;

  constructor(queue: FairQueue, metrics: Metrics, client: string, signal: AbortSignal) {
    this.queue = queue;
    this.metrics = metrics;
    this.client = client;
    this.signal = signal;
  }

  next(): Promise<() => void> {
    return this.queue.turn(this.client, this.signal);
  }

  /** What passes. Throws the signal's reason where the reply was interrupted. */
  async *watch(events: AsyncGenerator<ChoiceEvent, void>, promptTokens: number): AsyncGenerator<ChoiceEvent, void> {
    const began = performance.now();
    let [first, last] = [0, 0];
    for await (const event of events) {
      if (event.type === "token") {
        last = (performance.now() - began) / 1000;
        if (first === 0) first = last;
        continue;
      }
      if (event.type === "end") {
        this.metrics.sequence(event, promptTokens, first, last);
        if (event.reason === "interrupted") this.signal.throwIfAborted();
      }
      yield event;
    }
  }
}
