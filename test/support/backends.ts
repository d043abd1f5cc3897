/** Suites are functions of a backend, so that each new one answers for the same claims. */
import { describe } from "vitest";
import type { Ops } from "../../src/ops.ts";
import { wasmBackend } from "../../kernels/wasm/index.ts";
import { reference } from "../../src/reference/index.ts";

/** A backend and what it promises: steps of float32 for elementwise operations, c of the norm bound for sums. */
export interface Backend {
  readonly ops: Ops;
  readonly ulps: number;
  readonly c: number;
}

const backends: readonly Backend[] = [
  { ops: reference, ulps: 1, c: 1 }, // float64 inside and one rounding: half a step, and half a step of the golden's own
  { ops: await wasmBackend({ threads: 1, activations: "f32" }), ulps: 1, c: 4 }, // float32 sums in lanes
];

export function eachBackend(claim: string, suite: (backend: Backend) => void): void {
  for (const backend of backends) describe(`${backend.ops.name}: ${claim}`, () => suite(backend));
}
