/** What repeats: the last `tokens` ids are one stretch of `period` ids over and over. */
export interface Loop {
  readonly period: number;
  readonly repeats: number;
  readonly tokens: number;
}

const PERIODS = 1024;

/** Follows ids as they come. */
export class LoopDetector {
  readonly #ids: number[] = [];
  readonly #run = new Uint32Array(PERIODS + 1);

  push(id: number): Loop | undefined {
    const ids = this.#ids;
    const n = ids.push(id) - 1;
    let found: Loop | undefined;
    for (let p = 1; p <= Math.min(PERIODS, n); p++) {
      this.#run[p] = ids[n - p] === id ? this.#run[p]! + 1 : 0;
    }
    return found;
  }
}
