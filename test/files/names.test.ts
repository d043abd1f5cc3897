import { expect, it } from "vitest";
import { QWQ_32B } from "../../src/config.ts";
import { expectedWeights, LAYER_TAPS, LAYER_WEIGHTS, MODEL_TAPS } from "../../src/files/names.ts";
import type { Activations } from "../../src/model.ts";
import type { Layer } from "../../src/weights.ts";
import { SMALL_LLAMA } from "../support/checkpoints.ts";

const count = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

it("QwQ-32B has 771 tensors and 32,763,876,352 parameters, whichever way they are named", () => {
  for (const naming of ["safetensors", "gguf"] as const) {
    const weights = expectedWeights(QWQ_32B, naming);
    expect(weights).toHaveLength(771);
    expect(new Set(weights.map(({ name }) => name)).size).toBe(771);
    expect(weights.reduce((sum, { shape }) => sum + count(shape), 0)).toBe(32_763_876_352);
  }
});

it("a tied model without biases has 9 tensors a layer and 2 more", () => {
  expect(expectedWeights(SMALL_LLAMA, "safetensors")).toHaveLength(2 * 9 + 2);
});

it("names are Hugging Face's and GGUF's", () => {
  const at = (naming: "safetensors" | "gguf", i: number) => expectedWeights(QWQ_32B, naming)[i];
  expect(at("safetensors", 0)).toEqual({ name: "model.embed_tokens.weight", shape: [152_064, 5120] });
  expect(at("gguf", 0)!.name).toBe("token_embd.weight");
  expect(at("safetensors", 3)).toEqual({ name: "model.layers.0.self_attn.q_proj.bias", shape: [5120] });
  expect(at("gguf", 1 + 63 * 12 + 11)).toEqual({ name: "blk.63.ffn_down.weight", shape: [5120, 27_648] });
  expect(at("safetensors", 770)).toEqual({ name: "lm_head.weight", shape: [152_064, 5120] });
});

it("the table has each weight of a layer and each tap of the page once, in the page's order", () => {
  const weights: Record<keyof Layer, 0> = {
    g1: 0, Wq: 0, bq: 0, Wk: 0, bk: 0, Wv: 0, bv: 0, Wo: 0, g2: 0, Wgate: 0, Wup: 0, Wdown: 0,
  }; // prettier-ignore
  expect(LAYER_WEIGHTS.map(({ ours }) => ours)).toEqual(Object.keys(weights));
  const taps: Record<keyof Activations, 0> = {
    n1: 0, q: 0, k: 0, v: 0, qr: 0, kr: 0, a: 0, o: 0, mid: 0, n2: 0, gate: 0, up: 0, act: 0, down: 0, out: 0,
  }; // prettier-ignore
  expect(LAYER_TAPS.map(({ ours }) => ours)).toEqual(Object.keys(taps));
  expect(MODEL_TAPS.map(({ ours }) => ours)).toEqual(["embed", "norm", "logits"]);
});
