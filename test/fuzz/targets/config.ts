/** config.json, with what follows from it: the tensors that the model then must have. */
import { readConfig } from "../../../src/files/config.ts";
import { expectedWeights } from "../../../src/files/names.ts";
import { expectedPacked } from "../../../src/files/packed-tensors.ts";
import { frequencies } from "../../../src/reference/frequencies.ts";
import { configJson, SMALL, SMALL_LLAMA } from "../../support/small.ts";
import { jsonTarget } from "../target.ts";

const YARN = { type: "yarn", factor: 4, original_max_position_embeddings: 64, attention_factor: 1.1, beta_fast: 32 };

const DOCUMENTS = [
  { ...configJson(SMALL), use_sliding_window: false, layer_types: ["full_attention"] },
  { ...configJson(SMALL), rope_scaling: YARN },
  {
    ...configJson(SMALL_LLAMA),
    attention_bias: false,
    mlp_bias: false,
    rope_parameters: { rope_type: "default", rope_theta: 1e4 },
  },
  {
    ...configJson(SMALL),
    head_dim: 8,
    rope_parameters: { ...YARN, rope_type: "yarn", mscale: 1, mscale_all_dim: 1, truncate: false },
  },
];

const EXTRA = [
  ...[
    '"qwen2"',
    '"llama"',
    '"gpt2"',
    '"silu"',
    '"gelu"',
    '"yarn"',
    '"linear"',
    '"default"',
    '"Qwen2ForCausalLM"',
    "3",
    "7",
    "33",
  ],
  ...[
    "64",
    "1000000000",
    "1099511627776",
    "1e-5",
    "1e-300",
    "4096",
    "4097",
    "1048576",
    "16777216",
    '["sliding_attention"]',
  ],
];

const documents = DOCUMENTS.map((document) => JSON.stringify(document));

/** What opening a model does with its config before any tensor is read. */
function read(bytes: Uint8Array): void {
  const { config, packing } = readConfig(bytes, "config.json");
  const { f, attention } = frequencies({ ...config.rope, D: Math.min(config.rope.D, 256) });
  if (!Number.isFinite(attention) || !f.every(Number.isFinite))
    throw new Error("RoPE with frequencies that are no numbers");
  if (config.layers > 64) return; // a list of 50,000 names is no fault, and takes longer than the rest
  if (packing === undefined) expectedWeights(config, "safetensors");
  else expectedPacked(config, packing, new Map(), "model");
}

export const config = jsonTarget("config", documents, EXTRA, read);

const QUANTIZED = [
  { quant_method: "awq", bits: 4, group_size: 32, version: "gemm", zero_point: true, modules_to_not_convert: null },
  {
    quant_method: "gptq",
    bits: 8,
    group_size: -1,
    desc_act: true,
    checkpoint_format: "gptq",
    pack_dtype: "int32",
    lm_head: false,
  },
  { quant_method: "bitsandbytes", load_in_8bit: true, load_in_4bit: false, llm_int8_threshold: 6.0 },
  {
    quant_method: "compressed-tensors",
    format: "pack-quantized",
    kv_cache_scheme: null,
    sparsity_config: {},
    config_groups: {
      group_0: {
        input_activations: null,
        output_activations: null,
        targets: ["Linear"],
        weights: {
          num_bits: 4,
          type: "int",
          symmetric: true,
          strategy: "group",
          group_size: 16,
          dynamic: false,
          actorder: null,
        },
      },
    },
  },
];

const EXTRA_QUANTIZED = [
  ...[
    '"awq"',
    '"gptq"',
    '"fp8"',
    '"bitsandbytes"',
    '"compressed-tensors"',
    '"int-quantized"',
    '"channel"',
    '"gptq_v2"',
    '"gemv"',
  ],
  ...["2", "3", "4", "8", "16", "7", "-2", "128", "1048577", '"group"', '"float"', "false", '"weight"', '"nf4"'],
];

/** The same, of a quantised model: mostly its quantization_config is damaged, since that is most of the file. */
export const quantization = jsonTarget(
  "quantization",
  QUANTIZED.map((quantization_config) => JSON.stringify({ ...configJson(SMALL), quantization_config })),
  EXTRA_QUANTIZED,
  read,
);
