/** The planted bugs, each in the first layer and in the last; and what diagnose must say of one. */
import { expect } from "vitest";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { diagnose } from "../../src/oracle/diagnose.ts";
import { PLANTED, type Planted } from "./bugs.ts";
import { bundleOf, run } from "./engine.ts";
import { model } from "./models.ts";

export interface Cell extends Planted {
  readonly layer: number;
  readonly in: string;
}

const lastOf = (name: string) => model(name).config.layers - 1;
const all: readonly Cell[] = PLANTED.flatMap((planted) =>
  [0, lastOf(planted.model ?? "tiny")].map((layer) => ({ ...planted, layer, in: planted.model ?? "tiny" })),
);

/** One bug for each place where a bug shows first, in the first layer and in the last by turns. */
export const ONCE: readonly Cell[] = [...new Set(all.map(({ first }) => first))].map((first, i) => {
  const cells = all.filter((cell) => cell.first === first);
  return cells[i % 2]!;
});

/** The others: each way of making a mistake, in both layers. */
export const OTHERS: readonly Cell[] = all.filter((cell) => !ONCE.includes(cell));

const layered = (first: string) => first !== "norm" && first !== "logits";

/** Diagnose names the bug, and no other bug is nearer than twice as far. */
export function expectNamed({ in: name, layer, bug, first, code }: Cell): void {
  const bundle = openBundle(bundleOf(name, run(name, layer, bug)));
  const report = diagnose(bundle, model(name).checkpoint);
  expect(report.first?.tap).toBe(layered(first) ? `${layer}.${first}` : first);
  expect(report.diagnosis[0]).toMatchObject({ code });
  expect(report.none).toBe(false);
  expect(report.diagnosis[0]!.z).toBeLessThan(6);
  expect(report.diagnosis[0]!.margin).toBeGreaterThan(2);
  bundle.close();
}
