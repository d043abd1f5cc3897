/** The thread that reads ahead: it fills the slots that are asked for, the earliest asked first, until it is stopped. */
import { workerData } from "node:worker_threads";
import { type Shared, STATE, WORD } from "./ahead-slots.ts";
import { io } from "./io.ts";

/** At most so much in one call, so that a stop is heard soon. */
const MOST_PER_READ = 1 << 23;

function work({ words, orders, slots }: Shared): void {
  for (;;) {
    const bell = Atomics.load(words, WORD.bell);
    if (Atomics.load(words, WORD.stop) !== 0) return;
    const slot = earliest(words, orders, slots.length);
    if (slot < 0) {
      Atomics.wait(words, WORD.bell, bell);
      continue;
    }
    const state = WORD.states + slot;
    if (Atomics.compareExchange(words, state, STATE.asked, STATE.reading) !== STATE.asked) continue;
    const [fd = 0, position = 0, length = 0] = orders.subarray(4 * slot, 4 * slot + 3);
    const filled = fill(words, slots[slot]!, fd, position, length);
    Atomics.store(words, state, filled ? STATE.ready : STATE.failed);
    Atomics.notify(words, state);
  }
}

/** The slot that has been asked for longest, or -1. */
function earliest(words: Int32Array, orders: Float64Array, slots: number): number {
  let found = -1;
  for (let slot = 0; slot < slots; slot++) {
    if (Atomics.load(words, WORD.states + slot) !== STATE.asked) continue;
    if (found < 0 || orders[4 * slot + 3]! < orders[4 * found + 3]!) found = slot;
  }
  return found;
}

/** Whether all of the bytes came. */
function fill(words: Int32Array, into: Uint8Array, fd: number, position: number, length: number): boolean {
  try {
    for (let done = 0; done < length;) {
      if (Atomics.load(words, WORD.stop) !== 0) return false;
      const count = io().readSync(fd, into, done, Math.min(length - done, MOST_PER_READ), position + done);
      if (count === 0) return false;
      done += count;
    }
    return true;
  } catch {
    return false;
  }
}

work(workerData as Shared);
