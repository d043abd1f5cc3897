import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sortedIds } from "../../src/generate/introsort.ts";
import { goldenPath } from "../support/golden.ts";

const rows = readFileSync(goldenPath("sampler/torch.jsonl"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as { scores: number[]; order: number[] })
  .filter((row) => row.order !== undefined);

describe("sortedIds", () => {
  // The last row is the worst case of median-of-three quicksort: there std::sort gives up and heapsorts.
  it.each(rows.map((row) => [row.scores.length, row] as const))(
    "is torch.sort's order of %i scores with ties",
    (_, row) => {
      expect([...sortedIds(Float32Array.from(row.scores))]).toEqual(row.order);
    },
  );

  it("sorts any row, and loses no id", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 200 }), (scores) => {
        const ids = [...sortedIds(Float32Array.from(scores))];
        expect(ids.map((id) => scores[id])).toEqual(scores.toSorted((a, b) => a - b));
        expect(new Set(ids).size).toBe(scores.length);
      }),
    );
  });

  it("takes minus infinity as the least score", () => {
    expect([...sortedIds(Float32Array.of(1, -Infinity, 0))]).toEqual([1, 2, 0]);
  });
});
