import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { minP, topK, topP } from "../../src/generate/filters.ts";

const all = (scores: Float32Array) => Uint32Array.from(scores, (_, i) => i);
const rows = fc
  .array(fc.integer({ min: -6, max: 6 }), { minLength: 1, maxLength: 60 })
  .map((x) => Float32Array.from(x));

describe("topK", () => {
  it("keeps exactly the scores that are at least the k-th greatest, ties included", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 70 }), (scores, k) => {
        const kth = [...scores].toSorted((a, b) => b - a)[Math.min(k, scores.length) - 1]!;
        const expected = [...all(scores)].filter((id) => scores[id]! >= kth);
        expect([...topK(scores, all(scores), k)]).toEqual(expected);
      }),
    );
  });
});

describe("topP", () => {
  it("drops while the sum does not exceed 1 - p: of 0.1, 0.2, 0.3, 0.4 it keeps 2 at 0.69 and 3 at 0.71", () => {
    const scores = Float32Array.of(0.1, 0.2, 0.3, 0.4).map(Math.log);
    expect([...topP(scores, all(scores), 0.69)]).toEqual([2, 3]);
    expect([...topP(scores, all(scores), 0.71)]).toEqual([1, 2, 3]);
  });

  it("keeps of 16 equal scores those with the highest ids, and of 17 those that torch.sort puts last", () => {
    const equal = (n: number) => new Float32Array(n);
    expect([...topP(equal(16), all(equal(16)), 0.125)]).toEqual([14, 15]);
    expect([...topP(equal(17), all(equal(17)), 0.1)]).toEqual([1, 2]); // torch.sort(torch.zeros(17))[1][-2:]
  });

  it("keeps the likeliest even where p is tiny", () => {
    fc.assert(
      fc.property(rows, (scores) => {
        const kept = topP(scores, all(scores), 1e-9);
        expect([...kept].map((id) => scores[id])).toEqual([Math.max(...scores)]);
      }),
    );
  });
});

describe("minP", () => {
  it("keeps probabilities of at least the fraction of the greatest: of 1, 0.5, 0.49 at 0.5 the first two", () => {
    const scores = Float32Array.of(1, 0.5, 0.49).map(Math.log);
    expect([...minP(scores, all(scores), 0.5)]).toEqual([0, 1]);
  });

  it.each([
    [0.05, -1.2],
    [0.1, -1],
    [0.2, -2.4],
  ])("rounds its bound to float32, as PyTorch does: %d of the greatest is kept", (fraction, third) => {
    // Against a float64 bound the second would be dropped; MinPLogitsWarper keeps it.
    const scores = Float32Array.of(0, Math.log(fraction), third);
    expect([...minP(scores, all(scores), fraction)]).toContain(1);
  });

  it("at 1 keeps the likeliest and its equals", () => {
    expect([...minP(Float32Array.of(3, 1, 3), Uint32Array.of(0, 1, 2), 1)]).toEqual([0, 2]);
  });
});
