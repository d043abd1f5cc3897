import { expect, it } from "vitest";
import { beyondReach, checkConfig, QWQ_32B } from "../src/config.ts";

it("QWQ_32B has 32,763,876,352 parameters in the sizes of its config", () => {
  const { layers, channels: C, heads: H, keyHeads: K, headSize: D, feedForward: F, vocabulary: V } = QWQ_32B;
  const layer = 2 * C + (H * D * C + H * D) + 2 * (K * D * C + K * D) + C * H * D + 3 * F * C;
  expect(layer).toBe(487_605_248);
  expect(2 * V * C + layers * layer + C).toBe(32_763_876_352);
  expect(checkConfig(QWQ_32B, "QwQ-32B")).toBe(QWQ_32B);
});

it.each([
  [
    { heads: 42 },
    'x: expected "num_key_value_heads" to divide "num_attention_heads", got 8 and 42. Is this a Qwen2 model?',
  ],
  [{ headSize: 127 }, "x: expected an even head size, since RoPE turns pairs, got 127. Is this a Qwen2 model?"],
  [{ headSize: 64 }, "x: expected RoPE over the whole head of 64, got 128. Give D = headSize."],
])("checkConfig refuses %j", (change, message) => {
  expect(() => checkConfig({ ...QWQ_32B, ...change }, "x")).toThrow(message);
});

it("beyondReach warns, with both numbers, past the model's own context, and with YaRN past what that reaches", () => {
  const yarn = { factor: 4, original: 32_768, attention: 1.14, fast: 32, slow: 1, truncate: true };
  const stretched = { ...QWQ_32B, rope: { ...QWQ_32B.rope, yarn } };
  expect(beyondReach(QWQ_32B, 40_960)).toBeUndefined();
  expect(beyondReach(QWQ_32B, 40_961)).toBe(
    "A context of 40,961 tokens is more than the 40,960 that the model was made for; past them it may write nonsense. YaRN reaches further: rope_scaling in config.json.",
  );
  expect(beyondReach(stretched, 131_072)).toBeUndefined();
  expect(beyondReach(stretched, 131_073)).toBe(
    "A context of 131,073 tokens is more than the 131,072 that the model was made for; past them it may write nonsense.",
  );
});
