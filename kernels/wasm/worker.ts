/** A thread of a team: waits for an order, does its share, says so. It ends when it is terminated. */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { instantiate, type Kernels } from "./module.ts";
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
/** Instances of the kernels, one for each memory; further memories come as messages, before the orders that mean them. */
const instances = [instantiate(module, memory)];
const names = Object.keys(instances[0]!);

function over(number: number): Kernels {
  while (instances.length <= number) {
    const { message } = receiveMessageOnPort(parentPort!) as { message: WebAssembly.Memory };
    instances.push(instantiate(module, message));
  }
  return instances[number]!;
}

function perform(): boolean {
  const kernel = names[words[WORD.kernel]!]!;
  return attempt(over(words[WORD.memory]!), kernel, thread, threads, args.subarray(0, words[WORD.count]));
}

parentPort!.postMessage("ready");

for (let seen = 0; ;) {
  for (let spins = 0; spins < SPINS && Atomics.load(words, WORD.epoch) === seen; spins++);
  while (Atomics.load(words, WORD.epoch) === seen) Atomics.wait(words, WORD.epoch, seen);
  seen = Atomics.load(words, WORD.epoch);
  if (!perform()) Atomics.store(words, WORD.failed, 1);
  Atomics.sub(words, WORD.pending, 1);
  Atomics.notify(words, WORD.pending);
}
