/** At most so many at a time; the others wait in a line that is not endless. */
import { LimitError } from "../../errors.ts";

export class Gate {
  running = 0;
  private readonly most: number;
  private readonly places: number;
  private readonly line: (() => void)[] = [];

  constructor(most: number, places: number) {
    this.most = most;
    this.places = places;
  }

  get waiting(): number {
    return this.line.length;
  }

  /** Runs `work` when it is its turn. Throws LimitError E_RUN_BUSY where the line is full. */
  async through<R>(work: () => Promise<R>): Promise<R> {
    if (this.running >= this.most) {
      if (this.line.length >= this.places) {
        throw new LimitError("E_RUN_BUSY", "code server", {
          expected: `at most ${this.places} requests that wait`,
          actual: "another",
          hint: "Ask again later.",
        });
      }
      // Whoever goes leaves its place to the first in line, so nobody comes between.
      await new Promise<void>((resolve) => this.line.push(resolve));
    } else this.running++;
    try {
      return await work();
    } finally {
      const next = this.line.shift();
      if (next === undefined) this.running--;
      else next();
    }
  }
}
