/** Suites are functions of a backend, so that each new one answers for the same claims. */
import { describe } from "vitest";
import type { Ops } from "../../src/ops.ts";
import { reference } from "../../src/reference/index.ts";

const backends: readonly Ops[] = [reference];

export function eachBackend(claim: string, suite: (ops: Ops) => void): void {
  for (const ops of backends) describe(`${ops.name}: ${claim}`, () => suite(ops));
}
