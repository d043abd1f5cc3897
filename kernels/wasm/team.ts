/**
 * Threads that do one kernel together: each its share, fixed beforehand. Who waits spins for a moment, then sleeps.
 */
import type { Worker } from "node:worker_threads";
import { QwqError } from "../../src/errors.ts";
import { startThread } from "../../src/thread.ts";
import { lives } from "./lives.ts";
import { compile, type Compiled, type Heap, instantiate, type Kernel, type Kernels } from "./module.ts";
import { MOST_ARGS, type Orders, RECEIVE, WORD } from "./orders.ts";

/** Looks at a word before sleeping: some fifty microseconds, which is less than waking takes. */
export const SPINS = 4000;
/** How often the caller, while it sleeps, looks whether the others live. */
const LOOK_MS = 50;
/** Where the system does not tell: a share takes milliseconds, a thread that says nothing for so long is dead. */
const PATIENCE_MS = 20_000;

/** Runs kernels on one thread or several. */
export interface Team {
  readonly threads: number;
  /** Whether prompts' products have lanes of 256 bits: tile.ts. */
  readonly wide: boolean;
  /** Whether there is a kernel of that name: those of relaxed SIMD are not everywhere. */
  has(kernel: string): boolean;
  /** Runs the kernel of that name with these arguments, and returns when every share is done. */
  run(kernel: string, ...args: number[]): void;
  /** The same on the caller's thread alone: for what is done sooner than others hear of it. */
  alone(kernel: string, ...args: number[]): void;
  /** The same threads over a further memory; closing either closes both. */
  over(heap: Heap): Team;
  close(): void;
}

/**
 * Starts `threads - 1` threads; the caller's own is the first. They end with `close`, and never keep the process alive.
 *
 * throws   when a kernel runs: QwqError E_INTERNAL where a thread failed or ended, then and from then on
 */
export async function team(
  heap: Heap,
  threads: number,
  relaxed = true,
  patience = PATIENCE_MS,
  wide = true,
): Promise<Team> {
  const compiled = compile(threads > 1, relaxed, wide);
  const own = instantiate(compiled, heap.memory);
  if (threads === 1) return new One(compiled, own);
  const orders: Orders = {
    words: new Int32Array(new SharedArrayBuffer(4 * Object.keys(WORD).length)),
    args: new Float64Array(new SharedArrayBuffer(8 * MOST_ARGS)),
  };
  const { memory } = heap;
  const workers = Array.from({ length: threads - 1 }, (_, i) =>
    startThread("./worker", import.meta.url, { compiled, memory, orders, thread: i + 1, threads }),
  );
  const folders = await Promise.all(workers.map((worker) => ready(worker)));
  return new Many(compiled, own, workers, folders, orders, patience);
}

/** Resolves with where the system shows the thread (lives.ts). */
function ready(worker: Worker): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    worker.once("message", (folder: string | undefined) => {
      worker.removeAllListeners();
      resolve(folder);
      worker.unref();
    });
    worker.once("error", reject);
    worker.once("exit", () => reject(broken("ended while it started")));
  });
}

/** The caller alone. */
class One implements Team {
  readonly threads = 1;
  private readonly compiled: Compiled;
  private readonly kernels: Kernels;
  private readonly state: { closed: boolean };

  constructor(compiled: Compiled, kernels: Kernels, state = { closed: false }) {
    this.compiled = compiled;
    this.kernels = kernels;
    this.state = state;
  }

  get wide(): boolean {
    return this.compiled.tile.wide;
  }

  has(kernel: string): boolean {
    return kernel in this.kernels;
  }

  run(kernel: string, ...args: number[]): void {
    if (this.state.closed) throw broken(CLOSED);
    if (!attempt(this.kernels[kernel]!, 0, 1, args)) throw broken(`failed in ${kernel}`);
  }

  alone(kernel: string, ...args: number[]): void {
    this.run(kernel, ...args);
  }

  over(heap: Heap): Team {
    return new One(this.compiled, instantiate(this.compiled, heap.memory), this.state);
  }

  close(): void {
    this.state.closed = true;
  }
}

const CLOSED = "was ended with its model";

/** One share; whether it went to its end. Arguments that are not there are none of the kernel's. */
export function attempt(kernel: Kernel, thread: number, threads: number, a: ArrayLike<number>): boolean {
  try {
    // Spelt out, this takes a tenth of a microsecond; spread, one.
    // prettier-ignore
    kernel(thread, threads, a[0]!, a[1]!, a[2]!, a[3]!, a[4]!, a[5]!, a[6]!, a[7]!,
      a[8]!, a[9]!, a[10]!, a[11]!, a[12]!, a[13]!, a[14]!, a[15]!);
    return true;
  } catch {
    return false; // a trap of WebAssembly, which says nothing that would help
  }
}

class Many implements Team {
  readonly threads: number;
  private readonly compiled: Compiled;
  /** The caller's instances, one for each memory. */
  private readonly instances: Kernels[];
  private readonly numbers: ReadonlyMap<string, number>;
  private readonly workers: readonly Worker[];
  private readonly folders: readonly (string | undefined)[];
  private readonly orders: Orders;
  private readonly patience: number;
  private fault: string | undefined;

  constructor(
    compiled: Compiled,
    own: Kernels,
    workers: readonly Worker[],
    folders: readonly (string | undefined)[],
    orders: Orders,
    patience: number,
  ) {
    this.compiled = compiled;
    this.instances = [own];
    this.numbers = new Map(Object.keys(own).map((name, i) => [name, i]));
    this.workers = workers;
    this.folders = folders;
    this.orders = orders;
    this.patience = patience;
    this.threads = workers.length + 1;
    for (const worker of workers) {
      worker.on("error", (error) => (this.fault ??= `failed (${error.message})`));
      worker.on("exit", () => (this.fault ??= ENDED));
    }
  }

  get wide(): boolean {
    return this.compiled.tile.wide;
  }

  has(kernel: string): boolean {
    return this.numbers.has(kernel);
  }

  run(kernel: string, ...args: number[]): void {
    this.share(0, kernel, args);
  }

  alone(kernel: string, ...args: number[]): void {
    this.own(0, kernel, args);
  }

  over(heap: Heap): Team {
    const memory = this.instances.push(instantiate(this.compiled, heap.memory)) - 1;
    for (const worker of this.workers) worker.postMessage(heap.memory);
    this.order(RECEIVE, memory, []);
    this.finish("the sending of a memory", true);
    return {
      threads: this.threads,
      wide: this.wide,
      has: (kernel) => this.has(kernel),
      run: (kernel, ...args) => this.share(memory, kernel, args),
      alone: (kernel, ...args) => this.own(memory, kernel, args),
      over: (further) => this.over(further),
      close: () => this.close(),
    };
  }

  close(): void {
    this.fault = CLOSED;
    for (const worker of this.workers) void worker.terminate();
  }

  /** Every thread does its share of a kernel over that memory, the caller too. */
  private share(memory: number, kernel: string, args: readonly number[]): void {
    this.order(this.numbers.get(kernel)!, memory, args);
    this.finish(kernel, attempt(this.instances[memory]![kernel]!, 0, this.threads, args));
  }

  /** The caller does all of it. */
  private own(memory: number, kernel: string, args: readonly number[]): void {
    if (this.fault !== undefined) throw broken(this.fault);
    if (!attempt(this.instances[memory]![kernel]!, 0, 1, args)) this.fail(`failed in ${kernel}`);
  }

  private order(kernel: number, memory: number, args: readonly number[]): void {
    if (this.fault !== undefined) throw broken(this.fault);
    const { words, args: shared } = this.orders;
    for (let i = 0; i < args.length; i++) shared[i] = args[i]!;
    words[WORD.kernel] = kernel;
    words[WORD.memory] = memory;
    Atomics.store(words, WORD.pending, this.workers.length);
    Atomics.add(words, WORD.epoch, 1);
    if (Atomics.load(words, WORD.asleep) !== 0) Atomics.notify(words, WORD.epoch);
  }

  /** Waits for the others, who work in the same memory. `done`: whether the caller's own share is. */
  private finish(what: string, done: boolean): void {
    const { words } = this.orders;
    this.wait(words);
    if (!done || Atomics.load(words, WORD.failed) !== 0) this.fail(`failed in ${what}`);
  }

  private wait(words: Int32Array): void {
    for (let spins = 0; spins < SPINS; spins++) if (Atomics.load(words, WORD.pending) === 0) return;
    const until = performance.now() + this.patience;
    Atomics.store(words, WORD.awaited, 1);
    for (let left; (left = Atomics.load(words, WORD.pending)) !== 0;) {
      if (Atomics.wait(words, WORD.pending, left, LOOK_MS) !== "timed-out") continue;
      if (!this.folders.every(lives)) this.fail(ENDED);
      if (this.folders.includes(undefined) && performance.now() > until) this.fail("does not answer");
    }
    Atomics.store(words, WORD.awaited, 0);
  }

  private fail(fault: string): never {
    this.fault = fault;
    throw broken(fault);
  }
}

const ENDED = "ended";

function broken(actual: string): QwqError {
  return new QwqError("E_INTERNAL", "wasm", {
    expected: "every thread of the model at work",
    actual: `one that ${actual}`,
    hint: "Load the model again; with --threads 1 there are no others.",
  });
}
