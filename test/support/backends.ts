/** Suites are functions of a backend, so that each new one answers for the same claims. */
import { afterAll, describe } from "vitest";
import type { Ops } from "../../src/ops.ts";
import { gpujsBackend } from "../../kernels/gpujs/index.ts";
import { wasmBackend } from "../../kernels/wasm/index.ts";
import { wgslBackend } from "../../kernels/wgsl/index.ts";
import { reference } from "../../src/reference/index.ts";

/** A backend and what it promises: steps of float32 for elementwise operations, c of the norm bound for sums. */
export interface Backend {
  readonly ops: Ops;
  readonly ulps: number;
  readonly c: number;
  /** u of the scores of attention, each within c u sum |q k| / sqrt D: 0 where they are float64. */
  readonly scores: 0 | 1;
  /** Whether what is below 2^-126 may come out as 0, as WGSL allows. */
  readonly flushes?: true;
}

const backends: readonly Backend[] = [
  { ops: reference, ulps: 1, c: 1, scores: 0 }, // float64 inside and one rounding: half a step, and half a step of the golden's own
  { ops: await wasmBackend({ threads: 1, activations: "f32" }), ulps: 4, c: 4, scores: 1 }, // float32 in lanes
  // gpu.js: cpu has float64 inside a kernel and rounds between kernels; webasm is float32 throughout.
  { ops: await gpujsBackend({ mode: "cpu" }), ulps: 4, c: 4, scores: 1 },
  // Its elementwise operations have at most five roundings of u, and a step may be as small as u.
  { ops: await gpujsBackend({ mode: "webasm", threads: 1 }), ulps: 5, c: 8, scores: 1 }, // sums of 64 one after the other
  ...(await onGpu()),
];

export function eachBackend(claim: string, suite: (backend: Backend) => void): void {
  for (const backend of backends) describe(`${backend.ops.name}: ${claim}`, () => suite(backend));
}

// Files of `npm test` share these. A GPU is let go, or its process would not end: test:gpu has a process for each file.
if (process.env["QWQ_GPU"] !== undefined) afterAll(() => backends.forEach(({ ops }) => ops.close?.()));

/** `npm run test:gpu` asks for a GPU: float32, sums in steps, quotients and roots within the 2.5 ulp that WGSL allows. */
async function onGpu(): Promise<Backend[]> {
  if (process.env["QWQ_GPU"] === undefined) return [];
  return [{ ops: await wgslBackend(), ulps: 6, c: 4, scores: 1, flushes: true }];
}
