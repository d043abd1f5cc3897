/**
 * Reading ahead: while one part of the weights is computed with, a thread reads the next ones.
 *
 * The tensors of a course are cut into blocks of one slot each. The slots hold the block in use and those that follow
 * it, whose end is the beginning again. Nothing waits for the thread but for a block that it is reading at that moment:
 * one that it has not begun is read here, so that a thread that starts late, or never, costs time and nothing else.
 */
import type { Worker } from "node:worker_threads";
import { startThread } from "../thread.ts";
import { type Shared, STATE, WORD } from "./ahead-slots.ts";
import type { InputFile } from "./input.ts";
import type { TensorInfo } from "./source.ts";

/** How much is read ahead: `slots` times `bytes` of memory. */
export interface AheadOptions {
  readonly slots: number;
  readonly bytes: number;
}

/** 128 MiB in all. At 2 GB/s a slot is filled in 16 ms, and a disk reads at full speed in such pieces. */
export const AHEAD: AheadOptions = { slots: 4, bytes: 1 << 25 };

interface Block {
  readonly info: TensorInfo;
  readonly from: number;
  readonly length: number;
}

export class Ahead {
  private readonly files: ReadonlyMap<string, InputFile>;
  private readonly bytes: number;
  private readonly blocks: readonly Block[] = [];
  /** The first block of each tensor. */
  private readonly first = new Map<string, number>();
  private readonly shared: Shared;
  /** The block of each slot, or -1. */
  private readonly held: number[];
  /** Whether the file was compared with what it was, after the slot was filled. */
  private readonly checked: boolean[];
  private current = -1;
  private asked = 0;
  private readonly thread: Worker;

  /** Begins a thread over open files, which must stay open until `stop`. */
  constructor(files: ReadonlyMap<string, InputFile>, walked: readonly TensorInfo[], { slots, bytes }: AheadOptions) {
    this.files = files;
    this.bytes = bytes;
    this.blocks = walked.flatMap((info) => blocksOf(info, bytes));
    this.blocks.forEach(({ info, from }, n) => from === 0 && this.first.set(info.name, n));
    const count = Math.min(slots, this.blocks.length);
    const memory = new SharedArrayBuffer(count * bytes);
    this.shared = {
      words: new Int32Array(new SharedArrayBuffer(4 * (WORD.states + count))),
      orders: new Float64Array(new SharedArrayBuffer(32 * count)),
      slots: Array.from({ length: count }, (_, slot) => new Uint8Array(memory, slot * bytes, bytes)),
    };
    this.held = Array.from({ length: count }, () => -1);
    this.checked = Array.from({ length: count }, () => false);
    this.thread = startThread("./ahead-worker", import.meta.url, this.shared);
    this.thread.on("error", () => {}); // then everything is read here
    this.thread.unref();
  }

  /**
   * Lends bytes of a tensor where they go on from the block in use, or begin a tensor; undefined where they do not. They
   * are valid until the next call. Throws IoError as InputFile does.
   */
  lend(info: TensorInfo, from: number, length: number): Uint8Array | undefined {
    const first = this.first.get(info.name);
    if (first === undefined || length > this.bytes || length === 0) return undefined;
    const n = first + Math.floor(from / this.bytes);
    const follows = this.current >= 0 && (n === this.current || n === (this.current + 1) % this.blocks.length);
    if (!follows && from !== 0) return undefined;
    const at = from % this.bytes;
    const bytes = this.block(n);
    if (at + length <= bytes.length) return bytes.subarray(at, at + length);
    const joined = new Uint8Array(length); // it ends in the next block
    joined.set(bytes.subarray(at));
    joined.set(this.block(n + 1).subarray(0, length - (bytes.length - at)), bytes.length - at);
    return joined;
  }

  /** Ends the thread's reading; the files may be closed after that. */
  stop(): void {
    const { words, slots } = this.shared;
    Atomics.store(words, WORD.stop, 1);
    this.ring();
    for (let slot = 0; slot < slots.length; slot++) this.waitFor(slot);
  }

  /** The bytes of block n, which is in use from now on. */
  private block(n: number): Uint8Array {
    if (n !== this.current) {
      this.current = n;
      this.ask();
    }
    const slot = this.held.indexOf(n);
    const { info, from, length } = this.blocks[n]!;
    const file = this.files.get(info.path)!;
    const bytes = this.shared.slots[slot]!.subarray(0, length);
    if (this.settle(slot) !== STATE.ready) {
      file.readInto(bytes, info.offset + from);
      Atomics.store(this.shared.words, WORD.states + slot, STATE.ready);
    }
    if (!this.checked[slot]) file.checkUnchanged();
    this.checked[slot] = true;
    return bytes;
  }

  /** Has every slot hold one of the block in use and those after it. */
  private ask(): void {
    const { blocks, held, current } = this;
    const wanted = held.map((_, i) => (current + i) % blocks.length);
    const spare = held.map((_, slot) => slot).filter((slot) => !wanted.includes(held[slot]!));
    for (const n of wanted) {
      if (held.includes(n)) continue;
      const slot = spare.pop()!;
      this.settle(slot);
      const { info, from, length } = blocks[n]!;
      this.shared.orders.set(
        [this.files.get(info.path)!.descriptor, info.offset + from, length, this.asked++],
        4 * slot,
      );
      held[slot] = n;
      this.checked[slot] = false;
      Atomics.store(this.shared.words, WORD.states + slot, STATE.asked);
    }
    this.ring();
  }

  /** Takes a slot back that nobody has begun to fill, or waits for one that is being filled. Its state. */
  private settle(slot: number): number {
    const state = WORD.states + slot;
    if (Atomics.compareExchange(this.shared.words, state, STATE.asked, STATE.free) === STATE.asked) return STATE.free;
    return this.waitFor(slot);
  }

  private waitFor(slot: number): number {
    const { words } = this.shared;
    const state = WORD.states + slot;
    while (Atomics.load(words, state) === STATE.reading) Atomics.wait(words, state, STATE.reading);
    return Atomics.load(words, state);
  }

  private ring(): void {
    Atomics.add(this.shared.words, WORD.bell, 1);
    Atomics.notify(this.shared.words, WORD.bell);
  }
}

function blocksOf(info: TensorInfo, bytes: number): Block[] {
  return Array.from({ length: Math.ceil(info.bytes / bytes) }, (_, i) => {
    const from = i * bytes;
    return { info, from, length: Math.min(bytes, info.bytes - from) };
  });
}
