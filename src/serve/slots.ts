/** What the model has read of several conversations, so that the next turn of each is not read from its beginning. */
import type { Memory } from "../library/memory.ts";

/** A memory that is in use. */
export interface Slot {
  readonly memory: Memory;
  /** Gives it back. */
  leave(): void;
}

interface Kept {
  readonly memory: Memory;
  busy: boolean;
  /** When it was last used, in turns. */
  used: number;
}

export class Slots {
  private readonly all: Kept[] = [];
  private readonly most: number;
  private readonly make: () => Memory;
  private turn = 0;

  /** At most `most` memories, each made when it is needed first. */
  constructor(most: number, make: () => Memory) {
    this.most = most;
    this.make = make;
  }

  /**
   * The free memory that holds most of the prompt's beginning. Where none holds more than half of what it has, so that
   * another conversation would be forgotten for a few tokens, an unused one, else the one that was used longest ago.
   */
  take(ids: Uint32Array): Slot {
    const free = this.all.filter(({ busy }) => !busy);
    const best = free
      .map((kept) => ({ kept, same: common(kept.memory.ids, ids) }))
      .filter(({ kept, same }) => same > 0 && 2 * same >= kept.memory.ids.length)
      .sort((a, b) => b.same - a.same)[0]?.kept;
    const kept = best ?? this.another(free);
    kept.busy = true;
    kept.used = ++this.turn;
    return { memory: kept.memory, leave: () => void (kept.busy = false) };
  }

  private another(free: readonly Kept[]): Kept {
    if (this.all.length < this.most || free.length === 0) {
      const kept = { memory: this.make(), busy: false, used: 0 };
      this.all.push(kept);
      return kept;
    }
    return free.reduce((oldest, one) => (one.used < oldest.used ? one : oldest));
  }
}

/** How many ids at the beginning are the same. */
function common(a: readonly number[], b: Uint32Array): number {
  const length = Math.min(a.length, b.length);
  let same = 0;
  while (same < length && a[same] === b[same]) same++;
  return same;
}
