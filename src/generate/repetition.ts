/**
 * Endless repetition, QwQ's known flaw, recognised while it happens: the ids end in one stretch over and over.
 *
 *   exact   the last 512 ids or more have a period p <= 2,048 and hold it 3 times or more
 *   nearly  of the last 1,024 ids, 95 % equal the one p before, p <= 128: a loop in which a counter moves
 *
 * Ordinary text stays clear of both: see docs/repetition.md for what was measured. An array of more than some 170 zeros
 * does not; nothing in it tells it from a loop.
 *
 * cost    one comparison a period and id, 2,048 in all: 2 to 4 microseconds an id
 */

/** What repeats. */
export interface Loop {
  /** Length of the stretch in tokens. */
  readonly period: number;
  /** How often it has come in a row. */
  readonly repeats: number;
  /** How many tokens at the end are part of it, when it was recognised. */
  readonly tokens: number;
}

const PERIODS = 2048;
const TOKENS = 512;
const REPEATS = 3;

const NEAR_PERIODS = 128;
const NEAR_TOKENS = 1024;
const NEAR_MATCHES = Math.ceil(0.95 * NEAR_TOKENS);

/** Follows ids as they come, and says once of each loop that it has become certain. */
export class LoopDetector {
  readonly #ids: number[] = [];
  /** For each period, how many ids in a row equal the one a period before. */
  readonly #run = new Uint32Array(PERIODS + 1);
  /** For each short period, how many of the last 1,024 ids do. */
  readonly #matches = new Uint32Array(NEAR_PERIODS + 1);
  #looping = false;

  /** Takes the next id. Returns the loop, with its shortest period, at the id that makes it certain. */
  push(id: number): Loop | undefined {
    this.#ids.push(id);
    const exact = this.#exact();
    const near = this.#near(); // counts ids, so it must see each of them
    const loop = exact ?? near;
    const isNew = loop !== undefined && !this.#looping;
    this.#looping = loop !== undefined;
    return isNew ? loop : undefined;
  }

  #exact(): Loop | undefined {
    const ids = this.#ids;
    const run = this.#run;
    const at = ids.length - 1;
    const id = ids[at]!;
    let period = 0;
    for (let p = Math.min(PERIODS, at); p > 0; p--) {
      if (ids[at - p] !== id) run[p] = 0;
      else if (++run[p]! + p >= TOKENS && run[p]! >= (REPEATS - 1) * p) period = p;
    }
    return period > 0 ? looped(period, run[period]! + period) : undefined;
  }

  #near(): Loop | undefined {
    const ids = this.#ids;
    const matches = this.#matches;
    const at = ids.length - 1;
    const left = at - NEAR_TOKENS; // the id that leaves the window
    let period = 0;
    for (let p = Math.min(NEAR_PERIODS, at); p > 0; p--) {
      if (ids[at] === ids[at - p]) matches[p]!++;
      if (left >= p && ids[left] === ids[left - p]) matches[p]!--;
      if (matches[p]! >= NEAR_MATCHES) period = p;
    }
    return period > 0 ? looped(period, NEAR_TOKENS) : undefined;
  }
}

function looped(period: number, tokens: number): Loop {
  return { period, repeats: Math.floor(tokens / period), tokens };
}
