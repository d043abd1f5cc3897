import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { expFloat32, softmaxFloat32 } from "../../src/generate/softmax.ts";
import { goldenPath } from "../support/golden.ts";
import { U, ulpOf } from "../support/within.ts";

const rows = readFileSync(goldenPath("sampler/torch.jsonl"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as { logits: number[]; scale: number; bits: number[] })
  .filter((row) => row.bits !== undefined);

describe("softmaxFloat32", () => {
  it.each(rows.map((row) => [row.logits.length, row] as const))(
    "equals PyTorch's to the bit on a row of %i",
    (n, row) => {
      const scores = Float32Array.from(row.logits, (x) => x / row.scale);
      const places = Uint32Array.from(scores, (_, i) => i);
      const p = softmaxFloat32(scores, places, n);
      expect([...new Int32Array(p.buffer)]).toEqual(row.bits);
    },
  );

  it("adds in the lanes of the whole row: a row of 100 cut out of 1,000 places sums to 1 within 100 u", () => {
    const scores = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i) * 5);
    const places = Uint32Array.from(scores, (_, i) => 10 * i + 3);
    const sum = softmaxFloat32(scores, places, 1000).reduce((a, b) => a + b, 0);
    expect(Math.abs(sum - 1)).toBeLessThan(100 * U); // 100 roundings of a sum of at most 1
  });
});

describe("expFloat32", () => {
  it("is within 1 ulp of the exact value down to the smallest normal number", () => {
    for (let x = 0; x > -87; x -= 0.01) {
      const f = Math.fround(x);
      expect(Math.abs(expFloat32(f) - Math.exp(f))).toBeLessThanOrEqual(ulpOf(Math.exp(f))); // Sleef's own bound, 1.0
    }
  });

  it("is 1 at 0, and 0 below -104 and at minus infinity", () => {
    expect([expFloat32(0), expFloat32(-105), expFloat32(-Infinity)]).toEqual([1, 0, 0]);
  });
});
