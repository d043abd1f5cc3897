/** A thread of a team: waits for an order, does its share, says so. It ends when it is terminated. */
import { parentPort, workerData } from "node:worker_threads";
import { instantiate } from "./module.ts";
import { type Orders, RECEIVE, WORD } from "./orders.ts";
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
/** Instances of the kernels, one for each memory. */
const instances = [instantiate(module, memory)];
const names = Object.keys(instances[0]!);

function perform(): boolean {
  const kernel = names[words[WORD.kernel]!]!;
  return attempt(instances[words[WORD.memory]!]!, kernel, thread, threads, args.subarray(0, words[WORD.count]));
}

/** A further memory comes as a message, for which the thread goes back to its event loop. */
function received(): Promise<WebAssembly.Memory> {
  return new Promise((resolve) => parentPort!.once("message", resolve));
}

async function work(): Promise<never> {
  for (let seen = 0; ;) {
    for (let spins = 0; spins < SPINS && Atomics.load(words, WORD.epoch) === seen; spins++);
    while (Atomics.load(words, WORD.epoch) === seen) Atomics.wait(words, WORD.epoch, seen);
    seen = Atomics.load(words, WORD.epoch);
    if (words[WORD.kernel] === RECEIVE) instances.push(instantiate(module, await received()));
    else if (!perform()) Atomics.store(words, WORD.failed, 1);
    Atomics.sub(words, WORD.pending, 1);
    Atomics.notify(words, WORD.pending);
  }
}

parentPort!.postMessage("ready");
void work();
