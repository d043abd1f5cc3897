/** What the threads are given, and what they say. */
import type { Config } from "../config.ts";
import type { Naming } from "../files/names.ts";
import type { Packing } from "../files/quantization.ts";
import type { TensorInfo } from "../files/source.ts";
import type { Target } from "./target.ts";

/** Rows [first, first + count) of a target, by its number. */
export interface Run {
  /** Its own number. */
  readonly number: number;
  readonly target: number;
  readonly first: number;
  readonly count: number;
}

/** What is to be done, wherever the values come from: into files that are there. */
export interface Work {
  readonly files: readonly string[];
  readonly targets: readonly Target[];
  readonly runs: readonly Run[];
  /** A file with a byte for each run, which is 1 once the run is on the disk; where the work is to be resumable. */
  readonly journal?: string | undefined;
  /** Three numbers that all threads share; see `SLOT`. */
  readonly shared: BigInt64Array;
}

/** With a model, which is checked, to take them from. */
export interface Job extends Work {
  readonly tensors: readonly TensorInfo[];
  readonly config: Config;
  readonly naming: Naming;
  readonly packing: Packing | undefined;
}

/** The shared numbers: the next run, values done by all, and whether to stop (not 0). */
export const SLOT = { next: 0, values: 1, stop: 2 } as const;

/** What a worker says of its failure: an error in parts, since a class does not pass between threads. */
export interface Said {
  readonly kind: string;
  readonly code: string;
  readonly where: string;
  readonly details: {
    readonly path: string | undefined;
    readonly tensor: string | undefined;
    readonly offset: number | undefined;
    readonly expected: string | undefined;
    readonly actual: string | undefined;
    readonly hint: string | undefined;
  };
}
