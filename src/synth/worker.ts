/** A thread that writes shards, one after another, until there are none left or it is told to stop. */
import { parentPort, workerData } from "node:worker_threads";
import { QwqError } from "../errors.ts";
import type { Shard } from "./shards.ts";
import { writeShard } from "./write.ts";

/** What a worker is given. */
export interface Job {
  readonly folder: string;
  readonly seed: bigint;
  readonly shards: readonly Shard[];
  /** Three numbers that all threads share; see `SLOT`. */
  readonly shared: BigInt64Array;
}

/** The shared numbers: the next shard, bytes written by all, and whether to stop (not 0). */
export const SLOT = { next: 0, bytes: 1, stop: 2 } as const;

/** What a worker says at its end: an error in parts, since a class does not pass between threads. */
export interface Said {
  readonly error?: {
    readonly code: string;
    readonly where: string;
    readonly path: string | undefined;
    readonly expected: string | undefined;
    readonly actual: string | undefined;
    readonly hint: string | undefined;
  };
}

class Stopped extends Error {}

function work({ folder, seed, shards, shared }: Job): void {
  for (;;) {
    const shard = shards[Number(Atomics.add(shared, SLOT.next, 1n))];
    if (shard === undefined) return;
    writeShard(folder, shard, seed, (bytes) => {
      Atomics.add(shared, SLOT.bytes, BigInt(bytes));
      if (Atomics.load(shared, SLOT.stop) !== 0n) throw new Stopped();
    });
  }
}

function outcome(job: Job): Said {
  try {
    work(job);
    return {};
  } catch (error) {
    if (error instanceof Stopped) return {};
    Atomics.store(job.shared, SLOT.stop, 1n);
    if (!(error instanceof QwqError)) throw error;
    const { code, where, path, expected, actual, hint } = error;
    return { error: { code, where, path, expected, actual, hint } };
  }
}

parentPort?.postMessage(outcome(workerData as Job));
