/** A thread of a team: waits for an order, does its share, says so. It ends when it is terminated. */
import { parentPort, workerData } from "node:worker_threads";
import { instantiate } from "./module.ts";
import { type Orders, WORD } from "./orders.ts";
import { attempt, SPINS } from "./team.ts";

interface Data {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly orders: Orders;
  readonly thread: number;
  readonly threads: number;
}

const { module, memory, orders, thread, threads } = workerData as Data;
const { words, args } = orders;
const kernels = instantiate(module, memory);
const names = Object.keys(kernels);
parentPort!.postMessage("ready");

for (let seen = 0; ;) {
  for (let spins = 0; spins < SPINS && Atomics.load(words, WORD.epoch) === seen; spins++);
  while (Atomics.load(words, WORD.epoch) === seen) Atomics.wait(words, WORD.epoch, seen);
  seen = Atomics.load(words, WORD.epoch);
  const done = attempt(kernels, names[words[WORD.kernel]!]!, thread, threads, args.subarray(0, words[WORD.count]));
  if (!done) Atomics.store(words, WORD.failed, 1);
  Atomics.sub(words, WORD.pending, 1);
  Atomics.notify(words, WORD.pending);
}
