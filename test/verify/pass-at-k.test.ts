import fc from "fast-check";
import { expect, it } from "vitest";
import { meanPassAtK, passAtK } from "../../src/verify/pass-at-k.ts";

/** The definition: of all choices of k samples, those with one that passed. */
function counted(n: number, c: number, k: number): number {
  let [all, hit] = [0, 0];
  for (let set = 0; set < 2 ** n; set++) {
    const chosen = [...Array(n).keys()].filter((i) => (set >> i) & 1);
    if (chosen.length !== k) continue;
    all++;
    if (chosen.some((i) => i < c)) hit++;
  }
  return hit / all;
}

it("is the part of all choices of k samples that hold one that passed, within 8 roundings", () => {
  for (let n = 1; n <= 8; n++)
    for (let c = 0; c <= n; c++)
      for (let k = 1; k <= n; k++) expect(Math.abs(passAtK(n, c, k) - counted(n, c, k))).toBeLessThan(8 * 2 ** -53);
});

it("pass@1 is the part that passed, and pass@k grows with k", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 200 }), fc.nat(200), fc.nat(200), (n, a, b) => {
      const [c, k] = [a % (n + 1), 1 + (b % (n - 1))];
      expect(passAtK(n, c, 1)).toBeCloseTo(c / n, 12);
      expect(passAtK(n, c, k + 1)).toBeGreaterThanOrEqual(passAtK(n, c, k) - 1e-15);
    }),
  );
});

it("the mean leaves out problems with too few samples", () => {
  expect(meanPassAtK([[true, false], [false, false], [true]], 2)).toBe(0.5);
});

it("what cannot be is refused", () => {
  for (const [n, c, k] of [
    [0, 0, 1],
    [2, 3, 1],
    [2, 1, 3],
    [2, 1, 0],
    [2.5, 1, 1],
  ] as const)
    expect(() => passAtK(n, c, k)).toThrow(/^passAtK: expected 0 <= passed <= samples and 1 <= k <= samples/);
});
