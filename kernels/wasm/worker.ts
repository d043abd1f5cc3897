/** A thread of a team: waits for an order, does its share, says so. It ends when it is terminated. */
import { parentPort, workerData } from "node:worker_threads";
import { ownFolder } from "./lives.ts";
import { type Compiled, instantiate } from "./module.ts";
import { type Orders, RECEIVE, WORD } from "./orders.ts";
import { attempt, SPINS } from "./team.ts";

interface Data {
  readonly compiled: Compiled;
  readonly memory: WebAssembly.Memory;
  readonly orders: Orders;
  readonly thread: number;
  readonly threads: number;
}

const { compiled, memory, orders, thread, threads } = workerData as Data;
const { words, args } = orders;
/** Instances of the kernels, one for each memory; their exports in order. */
const instances = [Object.values(instantiate(compiled, memory))];

function perform(): boolean {
  return attempt(instances[words[WORD.memory]!]![words[WORD.kernel]!]!, thread, threads, args);
}

/** A further memory comes as a message, for which the thread goes back to its event loop. */
function received(): Promise<WebAssembly.Memory> {
  return new Promise((resolve) => parentPort!.once("message", resolve));
}

/** Waits until there is another order than `seen`. */
function wait(seen: number): void {
  for (let spins = 0; spins < SPINS; spins++) if (Atomics.load(words, WORD.epoch) !== seen) return;
  Atomics.add(words, WORD.asleep, 1);
  while (Atomics.load(words, WORD.epoch) === seen) Atomics.wait(words, WORD.epoch, seen);
  Atomics.sub(words, WORD.asleep, 1);
}

async function work(): Promise<never> {
  for (let seen = 0; ;) {
    wait(seen);
    seen = Atomics.load(words, WORD.epoch);
    if (words[WORD.kernel] === RECEIVE) instances.push(Object.values(instantiate(compiled, await received())));
    else if (!perform()) Atomics.store(words, WORD.failed, 1);
    Atomics.sub(words, WORD.pending, 1);
    if (Atomics.load(words, WORD.awaited) !== 0) Atomics.notify(words, WORD.pending);
  }
}

parentPort!.postMessage(ownFolder());
void work();
