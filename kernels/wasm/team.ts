/**
 * Threads that do one kernel together: each its share, fixed beforehand. Who waits spins for a moment, then sleeps.
 */
import type { Worker } from "node:worker_threads";
import { QwqError } from "../../src/errors.ts";
import { startThread } from "../../src/thread.ts";
import { compile, type Heap, instantiate, type Kernels } from "./module.ts";
import { type Orders, RECEIVE, WORD } from "./orders.ts";

/** Looks at a word before sleeping: some fifty microseconds, which is less than waking takes. */
export const SPINS = 4000;
/** A share of a kernel takes milliseconds; a thread that says nothing for so long is dead. */
const PATIENCE_MS = 20_000;

/** Runs kernels on one thread or several. */
export interface Team {
  readonly threads: number;
  /** Whether there is a kernel of that name: those of relaxed SIMD are not everywhere. */
  has(kernel: string): boolean;
  /** Runs the kernel of that name with these arguments, and returns when every share is done. */
  run(kernel: string, ...args: number[]): void;
  /** The same threads over a further memory; closing either closes both. */
  over(heap: Heap): Team;
  close(): void;
}

/**
 * Starts `threads - 1` threads; the caller's own is the first. They end with `close`, and never keep the process alive.
 *
 * throws   when a kernel runs: QwqError E_INTERNAL where a thread failed or ended, then and from then on
 */
export async function team(heap: Heap, threads: number, relaxed = true, patience = PATIENCE_MS): Promise<Team> {
  const module = compile(threads > 1, relaxed);
  const own = instantiate(module, heap.memory);
  if (threads === 1) return new One(module, own);
  const orders: Orders = {
    words: new Int32Array(new SharedArrayBuffer(4 * Object.keys(WORD).length)),
    args: new Float64Array(new SharedArrayBuffer(8 * 16)),
  };
  const { memory } = heap;
  const workers = Array.from({ length: threads - 1 }, (_, i) =>
    startThread("./worker", import.meta.url, { module, memory, orders, thread: i + 1, threads }),
  );
  await Promise.all(workers.map((worker) => ready(worker)));
  return new Many(module, own, workers, orders, patience);
}

function ready(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once("message", () => {
      worker.removeAllListeners();
      resolve();
      worker.unref();
    });
    worker.once("error", reject);
    worker.once("exit", () => reject(broken("ended while it started")));
  });
}

/** The caller alone. */
class One implements Team {
  readonly threads = 1;
  private readonly module: WebAssembly.Module;
  private readonly kernels: Kernels;
  private readonly state: { closed: boolean };

  constructor(module: WebAssembly.Module, kernels: Kernels, state = { closed: false }) {
    this.module = module;
    this.kernels = kernels;
    this.state = state;
  }

  has(kernel: string): boolean {
    return kernel in this.kernels;
  }

  run(kernel: string, ...args: number[]): void {
    if (this.state.closed) throw broken(CLOSED);
    if (!attempt(this.kernels, kernel, 0, 1, args)) throw broken(`failed in ${kernel}`);
  }

  over(heap: Heap): Team {
    return new One(this.module, instantiate(this.module, heap.memory), this.state);
  }

  close(): void {
    this.state.closed = true;
  }
}

const CLOSED = "was ended with its model";

/** One share; whether it went to its end. */
export function attempt(
  kernels: Kernels,
  kernel: string,
  thread: number,
  threads: number,
  args: Iterable<number>,
): boolean {
  try {
    kernels[kernel]!(thread, threads, ...args);
    return true;
  } catch {
    return false; // a trap of WebAssembly, which says nothing that would help
  }
}

class Many implements Team {
  readonly threads: number;
  private readonly module: WebAssembly.Module;
  /** The caller's instances, one for each memory. */
  private readonly instances: Kernels[];
  private readonly names: readonly string[];
  private readonly workers: readonly Worker[];
  private readonly orders: Orders;
  private readonly patience: number;
  private fault: string | undefined;

  constructor(module: WebAssembly.Module, own: Kernels, workers: readonly Worker[], orders: Orders, patience: number) {
    this.module = module;
    this.instances = [own];
    this.names = Object.keys(own);
    this.workers = workers;
    this.orders = orders;
    this.patience = patience;
    this.threads = workers.length + 1;
    for (const worker of workers) {
      worker.on("error", (error) => (this.fault ??= `failed (${error.message})`));
      worker.on("exit", () => (this.fault ??= "ended"));
    }
  }

  has(kernel: string): boolean {
    return this.names.includes(kernel);
  }

  run(kernel: string, ...args: number[]): void {
    this.share(0, kernel, args);
  }

  over(heap: Heap): Team {
    const memory = this.instances.push(instantiate(this.module, heap.memory)) - 1;
    for (const worker of this.workers) worker.postMessage(heap.memory);
    this.order(RECEIVE, memory, []);
    this.finish("the sending of a memory", true);
    return {
      threads: this.threads,
      has: (kernel) => this.has(kernel),
      run: (kernel, ...args) => this.share(memory, kernel, args),
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
    this.order(this.names.indexOf(kernel), memory, args);
    this.finish(kernel, attempt(this.instances[memory]!, kernel, 0, this.threads, args));
  }

  private order(kernel: number, memory: number, args: readonly number[]): void {
    if (this.fault !== undefined) throw broken(this.fault);
    const { words } = this.orders;
    this.orders.args.set(args);
    words[WORD.kernel] = kernel;
    words[WORD.count] = args.length;
    words[WORD.memory] = memory;
    Atomics.store(words, WORD.pending, this.workers.length);
    Atomics.add(words, WORD.epoch, 1);
    Atomics.notify(words, WORD.epoch);
  }

  /** Waits for the others, who work in the same memory. `done`: whether the caller's own share is. */
  private finish(what: string, done: boolean): void {
    const { words } = this.orders;
    this.wait(words);
    if (done && Atomics.load(words, WORD.failed) === 0) return;
    this.fault = `failed in ${what}`;
    throw broken(this.fault);
  }

  private wait(words: Int32Array): void {
    for (let spins = 0; spins < SPINS; spins++) if (Atomics.load(words, WORD.pending) === 0) return;
    const until = performance.now() + this.patience;
    for (let left; (left = Atomics.load(words, WORD.pending)) !== 0;) {
      Atomics.wait(words, WORD.pending, left, Math.min(1000, this.patience));
      if (performance.now() < until) continue;
      this.fault = "does not answer";
      throw broken(this.fault);
    }
  }
}

function broken(actual: string): QwqError {
  return new QwqError("E_INTERNAL", "wasm", {
    expected: "every thread of the model at work",
    actual: `one that ${actual}`,
    hint: "Load the model again; with --threads 1 there are no others.",
  });
}
