import { describe, expect, it } from "vitest";
import { QWQ_32B } from "../../src/config.ts";
import { expectedWeights } from "../../src/files/names.ts";
import { parameters, places, storedForms } from "../../src/library/storage.ts";
import { SMALL, SMALL_LLAMA } from "../support/checkpoints.ts";

/** Computed apart from this code; the GGUF files' published sizes are these and 6 MB of metadata. */
const QWQ: Readonly<Record<string, number>> = {
  fp32: 131_055_505_408,
  bf16: 65_527_752_704,
  int8: 32_763_876_352,
  "w8-bf16": 34_331_437_056,
  "w8-f32": 34_340_743_168,
  "w8-all": 32_784_824_320,
  "gptq-int8": 35_068_454_912,
  int4: 16_381_938_176,
  awq: 19_328_804_864,
  "gptq-int4": 19_343_747_072,
  "gguf-q8_0": 34_814_906_368,
  "gguf-q6_k": 26_880_176_128,
  "gguf-q5_k_m": 23_256_178_688,
  "gguf-q5_0": 22_632_275_968,
  "gguf-q4_k_m": 19_845_357_568,
  "gguf-q4_0": 18_634_252_288,
};
const forms = new Map(storedForms(QWQ_32B).map((form) => [form.key, form]));

describe("storedForms", () => {
  it.each(Object.entries(QWQ))("QwQ-32B in %s takes %i bytes", (key, bytes) => {
    expect(forms.get(key)?.bytes).toBe(bytes);
  });

  it.each([
    ["gguf-q3_k_m", 15.9],
    ["gguf-q2_k", 12.3],
  ])("QwQ-32B in %s takes %f GB, as the published files do", (key, gigabytes) => {
    expect((forms.get(key)!.bytes / 1e9).toFixed(1)).toBe(gigabytes.toFixed(1));
  });

  it("stand in order, the largest first, each under its own key", () => {
    const bytes = storedForms(QWQ_32B).map((form) => form.bytes);
    expect(bytes).toEqual([...bytes].sort((a, b) => b - a));
    expect(forms.size).toBe(bytes.length);
  });

  it("a token of QwQ-32B in bf16 needs everything but 152,063 rows of the embedding", () => {
    expect(forms.get("bf16")!.perToken).toBe(65_527_752_704 - 152_063 * 5120 * 2);
  });

  it("a tied model's embedding is read whole, since it is the unembedding too", () => {
    for (const { bytes, perToken } of storedForms(SMALL_LLAMA)) expect(perToken).toBe(bytes);
  });

  it("rows that are no whole blocks take the format that llama.cpp falls back to", () => {
    // 32 columns: Q4_K becomes Q5_0, 22 bytes a row; 64 columns: 44. The head, Q6_K, becomes Q8_0.
    const matrices = places(SMALL).filter(({ matrix, ours }) => matrix && ours !== "U");
    const more = (layer: number, ours: string) => (ours === "Wv" || ours === "Wdown") && layer === 1;
    const expected = matrices.reduce(
      (sum, { rows, columns, layer, ours }) => sum + rows * (columns / 32) * (more(layer, ours) ? 34 : 22),
      48 * 34 + 4 * (2 * (32 * 2 + 32 + 16 + 16) + 32),
    );
    expect(storedForms(SMALL).find(({ key }) => key === "gguf-q4_k_m")!.bytes).toBe(expected);
  });
});

it("QwQ-32B has 32,763,876,352 parameters", () => {
  expect(parameters(QWQ_32B)).toBe(32_763_876_352);
});

it.each([QWQ_32B, SMALL, SMALL_LLAMA])("places are the tensors that a checkpoint must have", (config) => {
  const sizes = (all: readonly number[]) => [...all].sort((a, b) => a - b);
  expect(sizes(places(config).map(({ rows, columns }) => rows * columns))).toEqual(
    sizes(expectedWeights(config, "safetensors").map(({ shape }) => shape.reduce((a, b) => a * b, 1))),
  );
});
