/** What the lab of the thinking budget measures with: counting, leaving out, and the spread of activations. */
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Budget, budgetPicture, wilson } from "../../../kernels/bench/budget-picture.ts";
import { counting, drop, skipping, Spread, type Touched } from "../../../kernels/bench/sparse.ts";
import { sparsityPicture, type SparsityResult } from "../../../kernels/bench/sparsity-picture.ts";
import { forward } from "../../../src/model.ts";
import type { Ops } from "../../../src/ops.ts";
import { reference } from "../../../src/reference/index.ts";
import { model } from "../../support/models.ts";

const { config, weights, ids } = model("tiny");

function logits(ops: Ops): Float32Array {
  const out = forward(ops, weights, Uint32Array.from(ids), ops.cache(config, ids.length));
  return (out as unknown as { data: Float32Array }).data;
}

it("drop leaves out as many as it is told, the smallest, and what is left is as it was", () => {
  const values = fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 1 });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
      const left = all.slice();
      drop(left, all, share);
      const count = Math.round(share * all.length);
      const sizes = Float32Array.from(all, Math.abs).sort();
      left.forEach((x, i) => expect(x === 0 || Object.is(x, all[i])).toBe(true));
      const kept = Float32Array.from(left, Math.abs).sort();
      expect([...kept.subarray(count)]).toEqual([...sizes.subarray(count)]);
      expect(kept.subarray(0, count).every((x) => x === 0)).toBe(true);
    }),
  );
});

it("a token touches every parameter but the rows of the embedding that are not its own, whatever it is", () => {
  const count = (id: number) => {
    const touched: Touched = { parameters: 0, feedForward: 0, bytes: 0 };
    const ops = counting(reference, touched, config.feedForward);
    forward(ops, weights, Uint32Array.of(id), ops.cache(config, 1));
    return touched;
  };
  const { channels: C, feedForward: F, layers, vocabulary: V, heads: H, keyHeads: K, headSize: D } = config;
  const layer = 2 * C + (H * D + 2 * K * D) * (C + 1) + C * H * D + 3 * C * F;
  expect(count(1)).toMatchObject({ parameters: layers * layer + V * C + C + C, feedForward: layers * 3 * C * F });
  expect(count(2)).toEqual(count(1));
});

it("leaving out nothing changes no bit; leaving out everything leaves attention alone", () => {
  const plain = logits(reference);
  for (const by of ["activation", "gate", "chance"] as const) {
    expect(logits(skipping(reference, { by, share: 0 }, config.layers))).toEqual(plain);
    expect(logits(skipping(reference, { by, share: 0.5 }, config.layers))).not.toEqual(plain);
  }
  const none = skipping(reference, { by: "activation", share: 1 }, config.layers);
  const without: Ops = {
    ...reference,
    swiglu: (gate, up) =>
      reference.swiglu(gate, { ...up, data: new Float32Array(up.shape[0]! * up.shape[1]!) } as never),
  };
  expect(logits(none)).toEqual(logits(without));
});

it("the spread of activations adds up, and watching changes no bit", () => {
  const spread = new Spread();
  expect(logits(spread.watching(reference, config.layers))).toEqual(logits(reference));
  expect(spread.layers).toHaveLength(config.layers);
  for (const { rows, below, energy } of spread.layers) {
    expect(rows).toBe(ids.length);
    for (const list of [below, energy]) {
      expect([...list].sort((a, b) => a - b)).toEqual(list);
      expect(list.every((x) => x >= 0 && x <= rows)).toBe(true);
    }
  }
  for (const kept of spread.keep(0.75)) {
    expect(kept.reduce((sum, x) => sum + x, 0)).toBe(config.feedForward - Math.round(0.75 * config.feedForward));
  }
});

it("Wilson's interval is as published: 0 of 10 is up to 27.8 %, 81 of 263 from 25.5 % to 36.6 %", () => {
  expect(wilson(0, 10)[1]).toBeCloseTo(0.278, 3);
  expect(wilson(81, 263)[0]).toBeCloseTo(0.2553, 3);
  expect(wilson(81, 263)[1]).toBeCloseTo(0.3662, 3);
});

it("the pictures in docs/budget.md are those of the committed results", async () => {
  const root = join(import.meta.dirname, "../../..");
  const result = (name: string): unknown =>
    JSON.parse(readFileSync(join(root, `kernels/bench/results/${name}.json`), "utf8"));
  const picture = (name: string) => readFileSync(join(root, `docs/${name}.svg`), "utf8");
  expect(picture("budget")).toBe(await budgetPicture((result("budget") as { budgets: Budget[] }).budgets));
  expect(picture("sparsity")).toBe(await sparsityPicture(result("sparsity") as SparsityResult));
});
