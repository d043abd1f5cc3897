import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../src/generate/random.ts";
import { argmax, checkSampling, distribution, QWQ_DEFAULTS, type Sampling } from "../../src/generate/sampling.ts";

const OFF: Sampling = { temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, greedy: false };
const of = (logits: number[], s: Partial<Sampling>, previous: number[] = []) =>
  distribution(Float32Array.from(logits), previous, { ...OFF, ...s });

const anyLogits = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.float({ min: -50, max: 50, noNaN: true }) },
    { weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }) },
    { weight: 1, arbitrary: fc.constant(-Infinity) },
  ),
  { minLength: 1, maxLength: 80 },
);
const anySampling: fc.Arbitrary<Sampling> = fc.record({
  temperature: fc.double({ min: 0.05, max: 10, noNaN: true }),
  topK: fc.integer({ min: 0, max: 90 }),
  topP: fc.double({ min: 0.001, max: 1, noNaN: true }),
  minP: fc.double({ min: 0, max: 1, noNaN: true }),
  repetitionPenalty: fc.constantFrom(1, 0.7, 1.3),
  greedy: fc.boolean(),
});

describe("distribution", () => {
  it("has ascending ids of finite logits, the likeliest among them, and probabilities that sum to 1 within 1e-12", () => {
    fc.assert(
      fc.property(anyLogits, anySampling, (logits, s) => {
        fc.pre(logits.some((x) => x > -Infinity));
        const { ids, probabilities } = of(logits, s, [0, 0, 3]);
        expect([...ids]).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
        expect(ids.every((id) => logits[id]! > -Infinity)).toBe(true);
        const sum = probabilities.reduce((a, b) => a + b, 0);
        expect(Math.abs(sum - 1)).toBeLessThan(1e-12); // 80 float64 roundings are 1e-14
        if (s.repetitionPenalty === 1) {
          const best = Math.max(...logits);
          expect(Array.from(ids, (id) => Math.fround(logits[id]!))).toContain(Math.fround(best));
        }
      }),
    );
  });

  it("keeps no more ids with a filter than without, in 100 rows a filter", () => {
    const filters: Partial<Sampling>[] = [{ topK: 5 }, { topP: 0.8 }, { minP: 0.1 }];
    fc.assert(
      fc.property(anyLogits, fc.constantFrom(...filters), (logits, s) => {
        fc.pre(logits.some((x) => x > -Infinity));
        const all = new Set(of(logits, {}).ids);
        expect([...of(logits, s).ids].every((id) => all.has(id))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("penalises each previous id once, however often it occurred: 2 becomes 1, -2 becomes -4", () => {
    const { ids, probabilities } = of([2, -2, 0], { repetitionPenalty: 2 }, [0, 1, 0, 0, 1, 7]);
    const e = [1, -4, 0].map(Math.exp);
    const sum = e.reduce((a, b) => a + b);
    expect([...ids]).toEqual([0, 1, 2]);
    expect([...probabilities]).toEqual(e.map((x) => expect.closeTo(x / sum, 15) as number));
  });

  it("filters after the temperature: at 0.1 top-p 0.9 keeps one id of a row where at 1 it keeps three", () => {
    expect([...of([2, 1.5, 1], { topP: 0.9 }).ids]).toEqual([0, 1, 2]);
    expect([...of([2, 1.5, 1], { topP: 0.9, temperature: 0.1 }).ids]).toEqual([0]);
  });

  it("greedy takes the lowest id among equals, after the penalty; so does temperature 0", () => {
    expect(of([1, 3, 3], { greedy: true })).toEqual({ ids: Uint32Array.of(1), probabilities: Float64Array.of(1) });
    expect(of([1, 3, 2.5], { temperature: 0, repetitionPenalty: 1.5 }, [1]).ids).toEqual(Uint32Array.of(2));
    expect(argmax(Float32Array.of(-Infinity, -3, -3))).toBe(1);
  });

  it.each([
    ["NaN", [0, NaN], "logits: expected finite logits, got NaN at id 1."],
    ["plus infinity", [Infinity, 0], "logits: expected finite logits, got Infinity at id 0."],
    ["nothing but minus infinity", [-Infinity], "logits: expected a finite logit, got minus infinity at every id."],
  ])("never draws from %s", (_, logits, message) => {
    expect(() => of(logits, {})).toThrow(message);
    expect(() => of(logits, { greedy: true })).toThrow(message);
  });

  it.each([1e-40, 1e-60])("refuses temperature %s, which takes the scores out of float32", (temperature) => {
    expect(() => of([1, 0], { temperature })).toThrow(
      `sampling: expected settings that keep every score within float32, got temperature ${temperature} and`,
    );
  });

  it("scores only what top-k may keep, to the same ids and bits as when a penalty that meets nobody scores all", () => {
    const logit = fc.oneof(
      fc.float({ min: -50, max: 50, noNaN: true }),
      fc.constantFrom(0, -0, 2 ** -149, -(2 ** -149), 2 ** -126, 1, 1 + 2 ** -23, 1 - 2 ** -24, -1 - 2 ** -23, -1),
    );
    fc.assert(
      fc.property(fc.array(logit, { minLength: 2, maxLength: 60 }), anySampling, (logits, s) => {
        const all = of(logits, { ...s, repetitionPenalty: 1.3 }, [logits.length]);
        expect(of(logits, { ...s, repetitionPenalty: 1 }, [logits.length])).toEqual(all);
      }),
      { numRuns: 2000 },
    );
  });

  it("takes under 20 ms for QwQ's settings and 152,064 logits", () => {
    const random = new Random(1);
    const logits = Float32Array.from({ length: 152_064 }, () => Math.log(random.fraction()));
    const times = Array.from({ length: 7 }, () => {
      const start = performance.now();
      distribution(logits, [], QWQ_DEFAULTS);
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(20); // measured 2.2 ms; nine times that for a busy machine
  });
});

describe("checkSampling", () => {
  it("takes QwQ's own settings", () => {
    expect(checkSampling(QWQ_DEFAULTS)).toBe(QWQ_DEFAULTS);
  });

  it.each([
    [{ temperature: NaN }, "temperature: expected a number from 0, got NaN. 0 is greedy."],
    [{ temperature: -1 }, "temperature: expected a number from 0, got -1. 0 is greedy."],
    [{ temperature: Infinity }, "temperature: expected a number from 0, got Infinity. 0 is greedy."],
    [{ topK: -1 }, "top-k: expected a whole number from 0, got -1. 0 turns it off."],
    [{ topK: 2.5 }, "top-k: expected a whole number from 0, got 2.5. 0 turns it off."],
    [{ topP: 0 }, "top-p: expected a number above 0, up to 1, got 0. 1 turns it off."],
    [{ topP: NaN }, "top-p: expected a number above 0, up to 1, got NaN. 1 turns it off."],
    [{ minP: 1.1 }, "min-p: expected a number from 0 to 1, got 1.1. 0 turns it off."],
    [{ repetitionPenalty: 0 }, "repetition-penalty: expected a number above 0, got 0. 1 turns it off."],
  ])("refuses %j", (wrong, message) => {
    expect(() => checkSampling({ ...OFF, ...wrong })).toThrow(message);
  });
});
