import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { draw, Random, splitmix64 } from "../../src/generate/random.ts";

describe("Random", () => {
  it("gives the published words of splitmix64 for seed 1234567", () => {
    // rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64
    expect(splitmix64(1234567n, 5)).toEqual([
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
      4593380528125082431n,
      16408922859458223821n,
    ]);
  });

  it("gives the published words of xoshiro256** from the state 1, 2, 3, 4", () => {
    // the vector of rand_xoshiro's tests, made with the authors' C code
    const random = Random.from([1n, 2n, 3n, 4n]);
    expect(Array.from({ length: 10 }, () => random.word())).toEqual([
      11520n,
      0n,
      1509978240n,
      1215971899390074240n,
      1216172134540287360n,
      607988272756665600n,
      16172922978634559625n,
      8476171486693032832n,
      10595114339597558777n,
      2904607092377533576n,
    ]);
  });

  it("gives fractions in [0, 1) whose mean over 20,000 is within 4 standard errors of 1/2", () => {
    const random = new Random(7);
    const x = Array.from({ length: 20_000 }, () => random.fraction());
    expect(x.every((u) => u >= 0 && u < 1)).toBe(true);
    const mean = x.reduce((a, b) => a + b) / x.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 / Math.sqrt(12 * x.length));
  });

  it("takes seeds up to 2^64 - 1, a number and its bigint alike", () => {
    expect(new Random(5).word()).toBe(new Random(5n).word());
    expect(new Random(2n ** 64n - 1n).word()).not.toBe(new Random(0).word());
  });

  it.each([-1, 1.5, NaN, 2 ** 53, -1n, 2n ** 64n])("refuses the seed %s", (seed) => {
    expect(() => new Random(seed)).toThrow(
      `seed: expected a whole number from 0 to 2^64 - 1 (a bigint above 2^53 - 1), got ${seed}.`,
    );
  });
});

describe("draw", () => {
  const of = (...p: number[]) => ({ ids: Uint32Array.from(p, (_, i) => 10 * i), probabilities: Float64Array.from(p) });

  it("cuts [0, 1) into one stretch an id, in the order of the ids", () => {
    const d = of(0.25, 0, 0.5, 0.25);
    expect([0, 0.2499, 0.25, 0.7499, 0.75, 1 - 2 ** -53].map((u) => draw(d, u))).toEqual([0, 0, 20, 20, 30, 30]);
  });

  it("always returns an id of the distribution with a probability above 0", () => {
    const weights = fc.array(fc.constantFrom(0, 1e-320, 1e-17, 0.1, 1), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), (raw, u) => {
        fc.pre(raw.some((w) => w > 0));
        const sum = raw.reduce<number>((a, b) => a + b, 0);
        const d = of(...raw.map((w) => w / sum));
        expect(d.probabilities[d.ids.indexOf(draw(d, u))]).toBeGreaterThan(0);
      }),
    );
  });

  it("draws each id as often as its probability says: chi-squared below the 0.1 % point over 10,000 draws", () => {
    const p = [0.5, 0.3, 0.15, 0.05];
    const random = new Random(3);
    const counts = new Map<number, number>();
    for (let i = 0; i < 10_000; i++) {
      const id = draw(of(...p), random.fraction());
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    const chi = p.reduce((sum, q, i) => sum + ((counts.get(10 * i) ?? 0) - q * 1e4) ** 2 / (q * 1e4), 0);
    expect(chi).toBeLessThan(16.27); // 3 degrees of freedom
  });
});
