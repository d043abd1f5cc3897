import { describe, expect, it } from "vitest";
import {
  perplexity,
  type Perplexity,
  type PerplexityOptions,
  type WindowScore,
} from "../../src/generate/perplexity.ts";
import { forward } from "../../src/model.ts";
import { reference } from "../../src/reference/index.ts";
import { model } from "../support/models.ts";

const { config, weights } = model("tiny");
const ids = Array.from({ length: 45 }, (_, i) => (i * i * 7 + 3 * i) % 500);
const last = config.vocabulary - 1;
const base: PerplexityOptions = { ops: reference, weights, config, ids, window: 16, stride: 8 };

async function run(options: Partial<PerplexityOptions>): Promise<{ windows: WindowScore[]; whole: Perplexity }> {
  const windows: WindowScore[] = [];
  const scores = perplexity({ ...base, ...options });
  for (;;) {
    const { value, done } = await scores.next();
    if (done) return { windows, whole: value };
    windows.push(value);
  }
}

/** -sum ln p of tokens [from, end) of one window, from the page's `forward` and the definition of softmax. */
async function byDefinition(window: number[], from: number): Promise<number> {
  const caches = reference.cache(config, window.length);
  const { data } = await reference.download(forward(reference, weights, Uint32Array.from(window), caches));
  let sum = 0;
  for (let t = from; t < window.length; t++) {
    const row = data.subarray((t - 1) * config.vocabulary, t * config.vocabulary);
    sum -= Math.log(Math.exp(row[window[t]!]!) / row.reduce((a, x) => a + Math.exp(x), 0));
  }
  return sum;
}

describe("perplexity", () => {
  it("has Hugging Face's windows: each token but the first scored once, with what its window holds before it", async () => {
    const { windows } = await run({});
    expect(windows.map(({ begin, end, scored }) => [begin, end, scored])).toEqual([
      [0, 16, 15],
      [8, 24, 8],
      [16, 32, 8],
      [24, 40, 8],
      [32, 45, 5],
    ]);
  });

  it("scores nothing before a window's first token where windows do not overlap", async () => {
    const { windows, whole } = await run({ stride: 16 });
    expect(windows.map(({ begin, end, scored }) => [begin, end, scored])).toEqual([
      [0, 16, 15],
      [16, 32, 15],
      [32, 45, 12],
    ]);
    expect(whole.scored).toBe(42);
  });

  it("sums -ln p of the definition within 1e-12 relative in every window", async () => {
    const { windows, whole } = await run({ chunk: 5 });
    for (const { begin, end, scored, sum } of windows) {
      const expected = await byDefinition(ids.slice(begin, end), end - begin - scored);
      expect(Math.abs(sum / expected - 1)).toBeLessThan(1e-12); // float64: 576 terms of softmax, 16 of the sum
    }
    const sum = windows.reduce((a, window) => a + window.sum, 0);
    expect(whole).toEqual({ perplexity: Math.exp(sum / 44), scored: 44, sum });
  });

  it("gives the same bits whatever the chunk", async () => {
    const whole = await run({});
    expect(await run({ chunk: 1 })).toEqual(whole);
    expect(await run({ chunk: 16 })).toEqual(whole);
  });

  it("ends with the complete windows when it is interrupted", async () => {
    const stop = new AbortController();
    const scores = perplexity({ ...base, signal: stop.signal });
    const first = await scores.next();
    stop.abort();
    expect(await scores.next()).toMatchObject({ done: true, value: { scored: 15 } });
    expect(first.done).toBe(false);
  });

  it.each([
    [{ ids: [1] }, "text: expected at least 2 tokens, got 1. The first token is not predicted; give a longer text."],
    [{ ids: [1, 600] }, `ids[1]: expected an id from 0 to ${last}, got 600.`],
    [{ window: 1 }, "window: expected 2 to"],
    [{ window: 1e9 }, "window: expected 2 to"],
    [{ window: 0 }, "window: expected a whole number from 1 to 2^31 - 1, got 0."],
    [{ stride: 17 }, "stride: expected at most the window, 16, got 17."],
  ])("refuses %j", (wrong, message) => {
    expect(() => perplexity({ ...base, ...wrong })).toThrow(message);
  });
});
