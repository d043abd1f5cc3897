/** The thread in which the model of `qwq serve` computes. */
import { parentPort, workerData } from "node:worker_threads";
import { sent } from "../errors.ts";
import { LocalEngine } from "../serve/engine.ts";
import { host } from "../serve/host.ts";
import { load } from "./load.ts";
import type { ModelOptions } from "./options.ts";
import { hearMemory } from "./signals.ts";

/** What the thread is given. */
export interface ServeData {
  readonly options: ModelOptions;
  /** Sequences that are made at the same time. */
  readonly parallel: number;
  readonly stops: Int32Array;
}

async function main({ options, parallel, stops }: ServeData): Promise<void> {
  const onCall = hearMemory(stops);
  try {
    const qwq = await load(options, parallel);
    await host(new LocalEngine(qwq, parallel), parentPort!, onCall);
  } catch (error) {
    parentPort!.postMessage({ failed: sent(error) });
  }
}

void main(workerData as ServeData);
