import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { perplexity } from "../../src/generate/perplexity.ts";
import { reference } from "../../src/reference/index.ts";
import { goldenJson } from "../support/golden.ts";
import { SMOLLM2 } from "../support/real.ts";

interface Recorded {
  readonly ids: number[];
  readonly results: {
    readonly window: number;
    readonly stride: number;
    readonly tokens: number;
    readonly windows: number[][];
    readonly nll: number[];
    readonly perplexity: number;
  }[];
}

describe.skipIf(!existsSync(SMOLLM2))("SmolLM2's perplexity, against Hugging Face float32 (npm run setup)", () => {
  const { ids, results } = goldenJson<Recorded>("smollm2/perplexity.json");

  // The third of the recorded ones, the whole text, takes the reference ten minutes.
  it.each(results.slice(0, 2))("is within 1e-4 for a window of $window and a stride of $stride", async (result) => {
    const { config, weights } = openCheckpoint(SMOLLM2, { pin: 2 ** 30 });
    const { window, stride, tokens } = result;
    const scores = perplexity({ ops: reference, weights, config, ids: ids.slice(0, tokens), window, stride });
    for (let i = 0; ; i++) {
      const { value, done } = await scores.next();
      if (done) {
        expect(i).toBe(result.windows.length);
        expect(Math.abs(value.perplexity / result.perplexity - 1)).toBeLessThan(1e-4);
        return;
      }
      expect([value.begin, value.end, value.scored]).toEqual(result.windows[i]);
      // The bound the model is held to; Hugging Face and we differ by at most 2e-7 in the first five.
      expect(Math.abs(value.sum / result.nll[i]! - 1)).toBeLessThan(1e-4);
    }
  });
});
