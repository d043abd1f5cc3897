/**
 * Byte-pair merging: of all neighbouring pairs in a word, the one with the lowest rank becomes one token; of equal ones
 * the leftmost; until no pair is left that may merge.
 *
 * cost     words up to 64 tokens: quadratic in the word, which is the faster way there; longer: n log n, by a heap
 * source   Sennrich et al. 2016 (arXiv 1508.07909) 3.2; tokenizers: models/bpe/word.rs, merge_all
 */

/** One rule: `left` and `right`, neighbours in that order, become `made`. */
export interface Merge {
  readonly left: number;
  readonly right: number;
  readonly made: number;
}

/** Ranks are below 2^20 and places below 2^32, so rank * 2^32 + place is exact in a float64. */
const PLACES = 2 ** 32;
const SHORT = 64;
const NONE = -1;

export class Merges {
  /** Three numbers a rank. */
  private readonly left: Int32Array;
  private readonly right: Int32Array;
  private readonly made: Int32Array;
  /** Ranks by the hash of their pair, the next free slot after it where it was taken; NONE where free. */
  private readonly slots: Int32Array;

  /** `merges` in the order of their rank. Of a pair that stands there twice the later rank counts, as in the library. */
  constructor(merges: readonly Merge[]) {
    this.left = Int32Array.from(merges, ({ left }) => left);
    this.right = Int32Array.from(merges, ({ right }) => right);
    this.made = Int32Array.from(merges, ({ made }) => made);
    // Half empty at least. A Map takes keys of two numbers as float64 and twice the time.
    this.slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * merges.length + 2))).fill(NONE);
    merges.forEach(({ left, right }, rank) => (this.slots[this.slot(left, right)] = rank));
  }

  /** Merges the tokens of one word, given as its bytes' ids, in place. */
  apply(ids: number[]): number[] {
    return ids.length <= SHORT ? this.applyShort(ids) : this.applyLong(ids);
  }

  /** The rank of a pair; NONE if it does not merge. */
  private rank(left: number, right: number): number {
    return this.slots[this.slot(left, right)]!;
  }

  /** The slot that holds the pair, or the free one where it would be. */
  private slot(left: number, right: number): number {
    const last = this.slots.length - 1;
    const mixed = Math.imul(Math.imul(left, 0x9e3779b1) ^ right, 0x85ebca6b);
    for (let slot = (mixed ^ (mixed >>> 15)) & last; ; slot = (slot + 1) & last) {
      const rank = this.slots[slot]!;
      if (rank === NONE || (this.left[rank] === left && this.right[rank] === right)) return slot;
    }
  }

  private applyShort(ids: number[]): number[] {
    const ranks = ids.slice(1).map((right, i) => this.rank(ids[i]!, right));
    for (;;) {
      let best = NONE;
      for (let i = 0; i < ranks.length; i++) {
        if (ranks[i]! !== NONE && (best === NONE || ranks[i]! < ranks[best]!)) best = i;
      }
      if (best === NONE) return ids;
      ids.splice(best, 2, this.made[ranks[best]!]!);
      ranks.splice(best, 1);
      if (best > 0) ranks[best - 1] = this.rank(ids[best - 1]!, ids[best]!);
      if (best < ranks.length) ranks[best] = this.rank(ids[best]!, ids[best + 1]!);
    }
  }

  private applyLong(ids: number[]): number[] {
    const n = ids.length;
    const before = Int32Array.from({ length: n }, (_, i) => i - 1);
    const after = Int32Array.from({ length: n }, (_, i) => i + 1); // n: none
    const ranks = new Int32Array(n).fill(NONE); // of the pair that begins at each place; NONE where a token was merged away
    const heap = new Heap();
    const look = (i: number) => {
      const next = after[i]!;
      ranks[i] = next < n ? this.rank(ids[i]!, ids[next]!) : NONE;
      if (ranks[i] !== NONE) heap.push(ranks[i]! * PLACES + i);
    };
    for (let i = 0; i < n; i++) look(i);
    for (let key = heap.pop(); key !== undefined; key = heap.pop()) {
      const i = key % PLACES;
      const rank = (key - i) / PLACES;
      if (ranks[i] !== rank) continue; // this pair has changed since it was put on the heap
      const gone = after[i]!;
      ids[i] = this.made[rank]!;
      ranks[gone] = NONE;
      after[i] = after[gone]!;
      if (after[i]! < n) before[after[i]!] = i;
      look(i);
      if (before[i]! >= 0) look(before[i]!);
    }
    const merged: number[] = [];
    for (let i = 0; i < n; i = after[i]!) merged.push(ids[i]!);
    return merged;
  }
}

/** A binary heap of numbers: `pop` takes out the least. */
class Heap {
  private readonly keys: number[] = [];

  push(key: number): void {
    const { keys } = this;
    let at = keys.length;
    keys.push(key);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (keys[parent]! <= key) break;
      keys[at] = keys[parent]!;
      at = parent;
    }
    keys[at] = key;
  }

  pop(): number | undefined {
    const { keys } = this;
    const least = keys[0];
    const last = keys.pop();
    if (last === undefined || keys.length === 0) return least;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= keys.length) break;
      if (child + 1 < keys.length && keys[child + 1]! < keys[child]!) child++;
      if (keys[child]! >= last) break;
      keys[at] = keys[child]!;
      at = child;
    }
    keys[at] = last;
    return least;
  }
}
