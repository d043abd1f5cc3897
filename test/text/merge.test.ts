import fc from "fast-check";
import { expect, test } from "vitest";
import { type Merge, Merges } from "../../src/text/merge.ts";
import { clock } from "../support/own-time.ts";

/** Byte-pair merging as its definition says it, one pair at a time. */
function byDefinition(merges: readonly Merge[], word: readonly number[]): number[] {
  const ids = [...word];
  for (;;) {
    let best: { at: number; rank: number } | undefined;
    for (let at = 0; at + 1 < ids.length; at++) {
      const rank = merges.findIndex(({ left, right }) => left === ids[at] && right === ids[at + 1]);
      if (rank >= 0 && (best === undefined || rank < best.rank)) best = { at, rank };
    }
    if (best === undefined) return ids;
    ids.splice(best.at, 2, merges[best.rank]!.made);
  }
}

/** Rules over the letters 0 to 2, each of two tokens known before it; of equal pairs the first is kept. */
const rules = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 14 }).map((pairs) => {
  const seen = new Set<string>();
  const merges: Merge[] = [];
  for (const [a, b] of pairs) {
    const [left, right] = [a % (3 + merges.length), b % (3 + merges.length)];
    if (seen.has(`${left} ${right}`)) continue;
    seen.add(`${left} ${right}`);
    merges.push({ left, right, made: 3 + merges.length });
  }
  return merges;
});

test("words up to 64 tokens, and longer ones by another way, merge as the definition says", () => {
  const word = fc.array(fc.nat(2), { maxLength: 150 });
  fc.assert(
    fc.property(rules, word, (merges, ids) => {
      expect(new Merges(merges).apply([...ids])).toEqual(byDefinition(merges, ids));
    }),
    { numRuns: 300 },
  );
});

test("the rank decides, not the order in which tokens were made", () => {
  const merges = [
    { left: 4, right: 2, made: 5 }, // of a token that only the next rule makes
    { left: 0, right: 1, made: 4 },
    { left: 1, right: 2, made: 3 },
  ];
  expect(new Merges(merges).apply([0, 1, 2, 1, 2])).toEqual([5, 3]);
});

test("of equal pairs that overlap, the leftmost merges", () => {
  const doubling = new Merges([{ left: 0, right: 0, made: 1 }]);
  expect(doubling.apply([0, 0, 0])).toEqual([1, 0]);
  expect(doubling.apply(new Array<number>(101).fill(0))).toEqual([...new Array<number>(50).fill(1), 0]);
});

test("a pair that stands there twice has the later rank, as in the library", () => {
  const [ab, bc] = [
    { left: 0, right: 1, made: 3 },
    { left: 1, right: 2, made: 4 },
  ];
  expect(new Merges([ab, bc, ab]).apply([0, 1, 2])).toEqual([0, 4]);
});

test("a word of a million bytes merges in less than two seconds", () => {
  const merges = Array.from({ length: 10 }, (_, i) => ({ left: i, right: i, made: i + 1 }));
  const taken = clock();
  expect(new Merges(merges).apply(new Array<number>(2 ** 20).fill(0))).toEqual(new Array<number>(2 ** 10).fill(10));
  expect(taken()).toBeLessThan(2000);
});
