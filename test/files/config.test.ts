import { describe, expect, it } from "vitest";
import { QWQ_32B } from "../../src/config.ts";
import { readConfig } from "../../src/files/config.ts";
import { codeOf } from "../support/codes.ts";
import { configJson, SMALL, SMALL_LLAMA } from "../support/checkpoints.ts";

/** QwQ-32B's own file, as published in May 2025. */
const QWQ = {
  architectures: ["Qwen2ForCausalLM"],
  attention_dropout: 0.0,
  bos_token_id: 151643,
  eos_token_id: 151645,
  hidden_act: "silu",
  hidden_size: 5120,
  initializer_range: 0.02,
  intermediate_size: 27648,
  max_position_embeddings: 40960,
  max_window_layers: 64,
  model_type: "qwen2",
  num_attention_heads: 40,
  num_hidden_layers: 64,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 1000000.0,
  sliding_window: 32768,
  tie_word_embeddings: false,
  torch_dtype: "bfloat16",
  transformers_version: "4.43.1",
  use_cache: true,
  use_sliding_window: false,
  vocab_size: 152064,
};

type Fields = Record<string, unknown>;
const text = (fields: Fields) => JSON.stringify(fields);
const read = (fields: Fields) => readConfig(text(fields), "config.json");

describe("readConfig", () => {
  it("reads QwQ-32B's config.json to QWQ_32B", () => {
    const { config, dtype, warnings } = read(QWQ);
    expect(config).toEqual(QWQ_32B);
    expect(dtype).toBe("BF16");
    expect(warnings).toEqual([]);
  });

  it("reads the form of transformers 5 to the same", () => {
    const { rope_theta, torch_dtype, ...rest } = QWQ;
    const layer_types = new Array(64).fill("full_attention");
    const rope_parameters = { rope_theta, rope_type: "default" };
    const { config, dtype } = read({ ...rest, layer_types, rope_parameters, dtype: torch_dtype, sliding_window: null });
    expect(config).toEqual(QWQ_32B);
    expect(dtype).toBe("BF16");
  });

  it("llama has no biases, and as many key heads as query heads where none are named", () => {
    const fields = { ...configJson(SMALL_LLAMA), attention_bias: false, mlp_bias: false, pretraining_tp: 1 };
    expect(read(fields).config).toEqual(SMALL_LLAMA);
    expect(read({ ...fields, num_key_value_heads: undefined }).config.keyHeads).toBe(4);
    expect(read({ ...fields, num_key_value_heads: null }).config.keyHeads).toBe(4);
  });

  it("head_dim is honoured, also where the heads do not divide the channels", () => {
    expect(read({ ...QWQ, head_dim: 64 }).config.headSize).toBe(64);
    expect(read({ ...QWQ, head_dim: null }).config.headSize).toBe(128);
    expect(read({ ...QWQ, head_dim: 12, num_attention_heads: 6, num_key_value_heads: 3 }).config.headSize).toBe(12);
  });

  it("code that comes with a checkpoint is not run, and the reader is told", () => {
    const { warnings } = read({ ...QWQ, auto_map: { AutoConfig: "evil.py" } });
    expect(warnings).toEqual([
      'config.json: "auto_map" names code to be run in place of the model. It is ignored: no code of a checkpoint is run.',
    ]);
  });
});

const without = (key: string): Fields => ({ ...QWQ, [key]: undefined });

describe("bad configs have their codes", () => {
  it.each<[string, Fields, string]>([
    ["another model", { ...QWQ, model_type: "mistral" }, "E_CFG_ARCH"],
    ["no model_type", without("model_type"), "E_CFG_ARCH"],
    ["model_type __proto__", { ...QWQ, model_type: "__proto__" }, "E_CFG_ARCH"],
    ["another head", { ...QWQ, architectures: ["Qwen2ForRewardModel"] }, "E_CFG_ARCH"],
    ["architectures that is no list", { ...QWQ, architectures: "Qwen2ForCausalLM" }, "E_CFG_ARCH"],
    ["heads that do not divide the channels", { ...QWQ, num_attention_heads: 42 }, "E_CFG_DIMS"],
    ["key heads that do not divide the heads", { ...QWQ, num_key_value_heads: 7 }, "E_CFG_DIMS"],
    ["an odd head size", { ...QWQ, head_dim: 127 }, "E_CFG_DIMS"],
    ["no layers", { ...QWQ, num_hidden_layers: 0 }, "E_CFG_RANGE"],
    ["-1 layers", { ...QWQ, num_hidden_layers: -1 }, "E_CFG_RANGE"],
    ["1e9 layers", { ...QWQ, num_hidden_layers: 1_000_000_000 }, "E_CFG_RANGE"],
    ["half a layer", { ...QWQ, num_hidden_layers: 0.5 }, "E_CFG_RANGE"],
    ["layers as text", { ...QWQ, num_hidden_layers: "64" }, "E_CFG_RANGE"],
    ["2^40 tokens", { ...QWQ, vocab_size: 2 ** 40 }, "E_CFG_RANGE"],
    ["no key heads named", without("num_key_value_heads"), "E_CFG_RANGE"],
    ["no hidden_size", without("hidden_size"), "E_CFG_RANGE"],
    ["eps 0", { ...QWQ, rms_norm_eps: 0 }, "E_CFG_RANGE"],
    ["eps -1e-5", { ...QWQ, rms_norm_eps: -1e-5 }, "E_CFG_RANGE"],
    ["eps 1", { ...QWQ, rms_norm_eps: 1 }, "E_CFG_RANGE"],
    ["another activation", { ...QWQ, hidden_act: "gelu" }, "E_CFG_ACT"],
    ["sliding windows", { ...QWQ, use_sliding_window: true }, "E_CFG_UNSUPPORTED"],
    ["a layer with a window", { ...QWQ, layer_types: ["sliding_attention"] }, "E_CFG_UNSUPPORTED"],
    ["quantised by another method", { ...QWQ, quantization_config: { quant_method: "torchao" } }, "E_CFG_UNSUPPORTED"],
    ["llama with biases", { ...configJson(SMALL_LLAMA), attention_bias: true }, "E_CFG_UNSUPPORTED"],
    ["llama with biases in the MLP", { ...configJson(SMALL_LLAMA), mlp_bias: true }, "E_CFG_UNSUPPORTED"],
    ["tied as a number", { ...QWQ, tie_word_embeddings: 1 }, "E_CFG_RANGE"],
    ["another RoPE", { ...QWQ, rope_scaling: { type: "dynamic", factor: 2 } }, "E_CFG_ROPE"],
  ])("%s", (_, fields, code) => expect(codeOf(() => read(fields))).toBe(code));

  it.each<[string, string, string]>([
    ["no JSON", "model: qwen2", "E_JSON_SYNTAX"],
    ["a byte order mark", "\ufeff{}", "E_JSON_BOM"],
    ["a key twice", text(QWQ).replace("{", '{"hidden_size":1,'), "E_JSON_DUP_KEY"],
    ["1.0 layers", text(QWQ).replace('"num_hidden_layers":64', '"num_hidden_layers":64.0'), "E_CFG_RANGE"],
    ["2^64 tokens", text(QWQ).replace("152064", "18446744073709551616"), "E_JSON_INT_RANGE"],
    ["a list", "[]", "E_CFG_RANGE"],
  ])("%s", (_, json, code) => expect(codeOf(() => readConfig(json, "config.json"))).toBe(code));

  it("say what was expected, what came, and what to do", () => {
    expect(() => read({ ...QWQ, use_sliding_window: true })).toThrow(
      'config.json: expected "use_sliding_window" to be false, got true. That is not computed here, and ignoring it would give another model.',
    );
    expect(() => read({ ...QWQ, num_attention_heads: 42 })).toThrow(
      'config.json: expected "num_attention_heads" to divide "hidden_size", or "head_dim", got 42 and 5120. Is this a Qwen2 model?',
    );
    expect(() => read({ ...configJson(SMALL), vocab_size: 0 })).toThrow(
      'config.json: expected "vocab_size" between 1 and 16777216, got 0. Is this a Qwen2 model?',
    );
  });
});
