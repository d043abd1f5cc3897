/** What is put down for a device, and how long its tensors are needed. */
import { Remote } from "./tensor.ts";
import type { GPUBuffer } from "../webgpu/webgpu.ts";

/** A kernel: its WGSL text. Binding 0 is `params`, then come what it reads, then what it writes. */
export interface Kernel {
  readonly name: string;
  readonly code: string;
  /** How many buffers it reads, and how many it writes. */
  readonly reads: number;
  readonly writes: number;
}

/** A tensor, or a buffer that stays: weights, keys, values. */
export type Place = Remote | GPUBuffer;

/** A kernel with its tensors, or a copy of bytes. */
export type Step =
  | {
      readonly kernel: Kernel;
      readonly reads: readonly Place[];
      readonly writes: readonly Place[];
      readonly params: readonly number[];
      readonly groups: readonly [x: number, y: number, z: number];
    }
  | { readonly from: Place; readonly at: number; readonly to: Place; readonly bytes: number };

/** For each step, the tensors that no later one needs. */
export function lastUses(steps: readonly Step[]): readonly Remote[][] {
  const last: Remote[][] = steps.map(() => []);
  const seen = new Set<Place>();
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i]!;
    for (const place of "kernel" in step ? [...step.reads, ...step.writes] : [step.from, step.to]) {
      if (place instanceof Remote && !seen.has(place)) last[i]!.push(place);
      seen.add(place);
    }
  }
  return last;
}

/** The tensors in what a scope returns. */
export function collect(value: unknown, into: Set<Remote>): void {
  if (value instanceof Remote) into.add(value);
  else if (Array.isArray(value)) for (const each of value) collect(each, into);
  else if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    for (const each of Object.values(value)) collect(each, into);
  }
}
