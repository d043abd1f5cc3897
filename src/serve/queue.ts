/**
 * A fair line: every client has a line of its own, and the lines take turns, so that one who asks a thousand times delays
 * another by one request and not by a thousand.
 */
import { RequestError } from "./errors.ts";

/** One that waits. */
interface Waiter {
  readonly go: () => void;
}

export class FairQueue {
  /** How many run now. */
  running = 0;
  /** How many wait now. */
  waiting = 0;
  private readonly parallel: number;
  private readonly places: number;
  /** By client, in the order in which they have their turns. */
  private readonly lines = new Map<string, Waiter[]>();

  /** At most `parallel` run at a time, and `places` wait. */
  constructor(parallel: number, places: number) {
    this.parallel = parallel;
    this.places = places;
  }

  /** Whether another would have to be refused. */
  get full(): boolean {
    return this.running >= this.parallel && this.waiting >= this.places;
  }

  /**
   * Waits for the client's turn; what it returns gives the turn back, and must be called once.
   *
   * throws   RequestError 503 where the line is full; the signal's reason where it comes first
   */
  async turn(client: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.full) this.refuse();
    if (this.running < this.parallel) this.running++;
    else await this.wait(client, signal);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.next();
    };
  }

  /** Throws what is said where the line is full. */
  refuse(): never {
    throw new RequestError(503, "queue_full", "queue", {
      expected: `at most ${this.places} requests that wait`,
      actual: "another",
      hint: "Ask again later.",
    });
  }

  private async wait(client: string, signal: AbortSignal): Promise<void> {
    const line = this.lines.get(client) ?? [];
    this.lines.set(client, line);
    this.waiting++;
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        line.splice(line.indexOf(waiter), 1);
        if (line.length === 0) this.lines.delete(client);
        this.waiting--;
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        go: () => {
          signal.removeEventListener("abort", leave);
          this.waiting--;
          resolve();
        },
      };
      line.push(waiter);
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  /** The turn goes to the first of the line whose turn it is, and that line goes to the end. */
  private next(): void {
    const first = this.lines.entries().next();
    if (first.done) {
      this.running--;
      return;
    }
    const [client, line] = first.value;
    this.lines.delete(client);
    const waiter = line.shift()!;
    if (line.length > 0) this.lines.set(client, line);
    waiter.go();
  }
}
