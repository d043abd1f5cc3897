import { describe, expect, it } from "vitest";
import { type Config, QWQ_32B } from "../../src/config.ts";
import { plan } from "../../src/library/plan.ts";
import { SMALL } from "../support/checkpoints.ts";

const qwq = plan(QWQ_32B, 40_960, 24e9);
const contexts = (key: string) => qwq.forms.find((form) => form.key === key)!.contexts;

describe("plan", () => {
  it("QwQ-32B's cache takes 262,144 bytes a token in bf16: 8 GiB at 32,768, 10 at 40,960, 32 at 131,072", () => {
    const { f32, bf16, int8 } = qwq.cachePerToken;
    expect([f32, bf16, int8]).toEqual([524_288, 262_144, 131_072 + 2 * 64 * 8 * 4]);
    expect([1024, 32_768, 40_960, 131_072].map((n) => (n * bf16) / 2 ** 30)).toEqual([0.25, 8, 10, 32]);
  });

  it("QwQ-32B's bf16 fits into 96 GB and nothing smaller; AWQ into 24 GB with some 16,000 tokens", () => {
    expect(qwq.sizes).toEqual([8, 16, 24, 32, 48, 64, 96, 24].map((n) => n * 1e9));
    expect(contexts("bf16")).toEqual([null, null, null, null, null, null, 114_335, null]);
    expect(contexts("awq").slice(0, 3)).toEqual([null, null, 15_911]);
    expect(contexts("gguf-q4_0").at(-2)).toBe(131_072);
  });

  it("8 bits fit into 48 GB and not into 32, by whatever format; nothing published fits into 8 GB", () => {
    for (const key of ["gguf-q8_0", "gptq-int8", "w8-bf16", "w8-f32", "w8-all", "int8"]) {
      expect(
        contexts(key).map((n) => n !== null),
        key,
      ).toEqual([false, false, false, false, true, true, true, false]);
    }
    expect(qwq.forms.filter((form) => form.contexts[0] !== null)).toEqual([]);
  });

  it("a run of QwQ-32B from disk takes less than 3 GiB at a context of 4,096, most of it the cache", () => {
    const { run } = plan(QWQ_32B, 4096, 24e9);
    expect(run.total).toBeLessThan(3 * 2 ** 30);
    expect(run.cache).toBe(2 ** 31 + 2 ** 24);
    expect(run.total).toBe(run.program + run.windows + run.vectors + run.cache + run.activations);
  });

  it("contexts beyond the model's own need YaRN, unless its config has it", () => {
    const yarn = { factor: 4, original: 32_768, attention: 1.14, fast: 32, slow: 1, truncate: true };
    const stretched: Config = { ...QWQ_32B, rope: { ...QWQ_32B.rope, yarn } };
    expect([40_960, 40_961].map((n) => plan(QWQ_32B, n, 0).needsYarn)).toEqual([false, true]);
    expect(plan(stretched, 131_072, 0).needsYarn).toBe(false);
  });

  it("a small model fits everywhere, with as many tokens as there is use for", () => {
    const { forms } = plan(SMALL, 256, 1e9);
    expect(new Set(forms.flatMap((form) => form.contexts))).toEqual(new Set([131_072]));
  });
});
