import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QWQ_32B } from "../../src/config.ts";
import { LimitError } from "../../src/errors.ts";
import { budget, cacheBytes, runBytes } from "../../src/library/budget.ts";
import { SMALL } from "../support/checkpoints.ts";
import { failure } from "../support/folder.ts";

const GiB = 2 ** 30;
const WEIGHTS = 65_527_752_704;
const HERE = { total: 24 * GiB, free: 20 * GiB };
const formats = ["f32", "bf16", "int8"] as const;

describe("runBytes", () => {
  it("is the sum of its parts, and grows with the context by the cache and one layer's rows", () => {
    const [one, two] = [runBytes(QWQ_32B, 1000, WEIGHTS), runBytes(QWQ_32B, 2000, WEIGHTS)];
    expect(one.total).toBe(one.program + one.windows + one.vectors + one.cache + one.activations);
    const moved = cacheBytes(QWQ_32B).f32 / 64 / 2;
    expect(two.total - one.total).toBe(1000 * (cacheBytes(QWQ_32B).f32 + moved + 8));
  });

  it("counts, in bf16 and int8, one layer's keys and values in float32 besides", () => {
    const [f32, bf16, int8] = formats.map((kv) => runBytes(QWQ_32B, 4096, WEIGHTS, kv).cache);
    expect([f32, bf16, int8]).toEqual([
      4096 * 524_288 * (1 + 1 / 128),
      4096 * 262_144 * (1 + 1 / 128) + 4096 * 8192,
      4096 * 135_168 * (1 + 1 / 128) + 4096 * 8192,
    ]);
  });

  it("reads ahead only where there is more to read than is held", () => {
    expect(runBytes(QWQ_32B, 1, WEIGHTS).windows - runBytes(QWQ_32B, 1, 1e8).windows).toBe(1 << 27);
  });
});

describe("budget", () => {
  it("QwQ-32B at 4,096 tokens keeps to 3 GiB, and what is left holds weights", () => {
    const { context, run, pin } = budget(QWQ_32B, WEIGHTS, { memory: 3 * GiB, context: 4096 }, HERE);
    expect(context).toBe(4096);
    expect(pin).toBe(Math.floor(3 * GiB - run.total));
    expect(pin).toBeGreaterThan(0);
  });

  it("shortens a context that nobody asked for to what fits, and no other", () => {
    const { context, run } = budget(QWQ_32B, WEIGHTS, { memory: 3 * GiB }, HERE);
    expect(run.total).toBeLessThanOrEqual(3 * GiB);
    expect(runBytes(QWQ_32B, context + 1, WEIGHTS).total).toBeGreaterThan(3 * GiB);
    const error = failure(() => budget(QWQ_32B, WEIGHTS, { memory: 3 * GiB, context: context + 1 }, HERE));
    expect([error.code, error instanceof LimitError]).toEqual(["E_LIMIT_MEMORY", true]);
    expect(error.hint).toBe(`Give --context ${context} or less or a smaller --kv.`);
  });

  it("never promises what its parts exceed, for any memory, context, format and pins", () => {
    const options = fc.record({
      memory: fc.integer({ min: 1, max: 100 * GiB }),
      context: fc.option(fc.integer({ min: 1, max: 131_072 }), { nil: undefined }),
      kv: fc.constantFrom(...formats),
      pinBytes: fc.option(fc.integer({ min: 0, max: 10 * GiB }), { nil: undefined }),
    });
    fc.assert(
      fc.property(options, fc.constantFrom(QWQ_32B, SMALL), (given, config) => {
        try {
          const { run, pin, context } = budget(config, WEIGHTS, given, HERE);
          expect(run.total + pin).toBeLessThanOrEqual(given.memory);
          expect(run.total).toBe(runBytes(config, context, WEIGHTS, given.kv).total);
          expect(context).toBe(given.context ?? context);
        } catch (error) {
          expect((error as LimitError).code).toBe("E_LIMIT_MEMORY");
          const least = runBytes(config, given.context ?? 512, WEIGHTS, given.kv).total + (given.pinBytes ?? 0);
          expect(least).toBeGreaterThan(given.memory);
        }
      }),
    );
  });

  it("what its refusal says is enough", () => {
    const error = failure(() => budget(QWQ_32B, WEIGHTS, { memory: 1e8 }, HERE));
    const [, more] = /--memory (\d+)MB/.exec(error.hint!)!;
    expect(budget(QWQ_32B, WEIGHTS, { memory: Number(more) * 1e6 }, HERE).context).toBeGreaterThanOrEqual(512);
    expect(error.message).toMatch(/program \d+MB, windows \d+MB, vectors \d+MB, cache \d+MB, activations \d+MB/);
  });

  it("without a promise refuses only a context, asked for, beyond this computer's memory", () => {
    expect(failure(() => budget(QWQ_32B, WEIGHTS, { context: 131_072 }, HERE)).where).toBe("--context");
    const { context, pin } = budget(QWQ_32B, WEIGHTS, {}, HERE);
    expect([context, pin]).toEqual([40_960, 10 * GiB]);
    expect(budget(QWQ_32B, 1e9, {}, HERE).pin).toBe(1e9);
    expect(budget(QWQ_32B, 1e9, { keptBytes: 1.1e9 }, HERE).pin).toBe(1.1e9);
  });
});
