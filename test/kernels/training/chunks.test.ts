import { expect, it } from "vitest";
import { chunksOf, ranges, shardsOf } from "../../../kernels/training/chunks.ts";

const same = (x: number) => x;

const sum = (x: readonly number[]) => x.reduce((a, b) => a + b, 0);

it("cuts a batch in order, into chunks of about as many tokens", () => {
  const items = Array.from({ length: 64 }, (_, i) => 30 + ((i * 37) % 120));
  for (const [count, chunks] of [
    [40, 8],
    [64, 16],
    [5, 4],
    [1, 1],
  ] as const) {
    const made = chunksOf(items.slice(0, count), same, 8);
    expect(made.flat()).toEqual(items.slice(0, count));
    expect(made.length).toBe(chunks);
    // An item goes where its middle lies, so a chunk's ends are off by half an item each.
    const fair = sum(items.slice(0, count)) / chunks;
    for (const chunk of made) expect(Math.abs(sum(chunk) - fair)).toBeLessThanOrEqual(150);
  }
});

it("a long item has a chunk of its own, and nothing has none", () => {
  expect(chunksOf([2000, 2000], same, 2)).toEqual([[2000], [2000]]);
  expect(chunksOf([], same, 8)).toEqual([]);
});

it("shards are runs of neighbours, no more than there are chunks", () => {
  expect(shardsOf([1, 2, 3, 4, 5], 2)).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  expect(shardsOf([1, 2], 8)).toEqual([[1], [2]]);
  expect(shardsOf([], 8)).toEqual([]);
});

it("ranges cover everything once, in fours", () => {
  for (const count of [1, 2, 3, 7, 16]) {
    const all = ranges(48, count);
    expect(all.reduce((sum, { values }) => sum + values, 0)).toBe(48);
    all.forEach(({ from, values }, i) =>
      expect([from, values % 4]).toEqual([i === 0 ? 0 : all[i - 1]!.from + all[i - 1]!.values, 0]),
    );
  }
});
