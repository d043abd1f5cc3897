/**
 * Tiny random models on disk, every parameter drawn: as a Hugging Face folder, in one file or in shards, and as GGUF.
 * Tests change a file or a field and see what is said of it. Nothing here needs a test runner: programs use it too.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../src/config.ts";
import { expectedWeights, type Naming } from "../../src/files/names.ts";
import type { TensorBytes } from "../../src/files/safetensors.ts";
import { writeSafetensors } from "../../src/files/safetensors-write.ts";
import { gguf, type GgufTensor, type Pair } from "./gguf.ts";

/** QwQ's ratios in a few hundred parameters: 2 queries per key, K > 1, an untied head. */
export const SMALL: Config = {
  architecture: "qwen2",
  layers: 2,
  channels: 32,
  heads: 4,
  keyHeads: 2,
  headSize: 8,
  feedForward: 64,
  vocabulary: 48,
  context: 256,
  eps: 1e-5,
  rope: { D: 8, theta: 1e6, yarn: undefined },
  tied: false,
  biases: true,
};

/** The same block as Llama has it: no biases, and rows that GGUF files keep in another order. */
export const SMALL_LLAMA: Config = { ...SMALL, architecture: "llama", biases: false, tied: true };

/** Draws in [-1, 1) by a fixed rule: the same seed, the same numbers, on every machine. */
export function drawn(length: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Every tensor of a model by its name in the file, as float32. Names decide the draw, so shards do not change it. */
export function randomTensors(config: Config, naming: Naming): Map<string, TensorBytes> {
  return new Map(
    expectedWeights(config, naming).map(({ name, shape }, i) => {
      const values = drawn(
        shape.reduce((product, n) => product * n, 1),
        i + 1,
      );
      return [name, { dtype: "F32", shape, bytes: new Uint8Array(values.buffer) }];
    }),
  );
}

/** config.json as Hugging Face writes it. */
export function configJson(config: Config): Record<string, unknown> {
  return {
    architectures: [config.architecture === "qwen2" ? "Qwen2ForCausalLM" : "LlamaForCausalLM"],
    model_type: config.architecture,
    hidden_act: "silu",
    num_hidden_layers: config.layers,
    hidden_size: config.channels,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyHeads,
    head_dim: config.headSize,
    intermediate_size: config.feedForward,
    vocab_size: config.vocabulary,
    max_position_embeddings: config.context,
    rms_norm_eps: config.eps,
    rope_theta: config.rope.theta,
    tie_word_embeddings: config.tied,
    torch_dtype: "float32",
    bos_token_id: 0,
    eos_token_id: 1,
  };
}

export interface FolderOptions {
  /** 1 writes model.safetensors, more write shards and their index. */
  readonly shards?: number;
  readonly tensors?: ReadonlyMap<string, TensorBytes>;
  /** Fields of config.json to be added, changed, or (undefined) left out. */
  readonly fields?: Record<string, unknown>;
}

/** Writes a Hugging Face folder at `path`, which must exist. */
export function writeFolder(path: string, config: Config = SMALL, options: FolderOptions = {}): string {
  const tensors = options.tensors ?? randomTensors(config, "safetensors");
  writeFileSync(join(path, "config.json"), JSON.stringify({ ...configJson(config), ...options.fields }, undefined, 2));
  const { shards = 1 } = options;
  if (shards === 1) {
    writeSafetensors(join(path, "model.safetensors"), tensors);
    return path;
  }
  const map: Record<string, string> = {};
  for (let shard = 1; shard <= shards; shard++) {
    const name = `model-${String(shard).padStart(5, "0")}-of-${String(shards).padStart(5, "0")}.safetensors`;
    const part = new Map([...tensors].filter((_, i) => i % shards === shard - 1));
    for (const tensor of part.keys()) map[tensor] = name;
    writeSafetensors(join(path, name), part);
  }
  const total = [...tensors.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  const index = { metadata: { total_size: total }, weight_map: map };
  writeFileSync(join(path, "model.safetensors.index.json"), JSON.stringify(index));
  return path;
}

/** The metadata of a GGUF file of that model. */
export function ggufPairs(config: Config): Pair[] {
  const at = (key: string) => `${config.architecture}.${key}`;
  return [
    { key: "general.architecture", type: "string", value: config.architecture },
    { key: at("block_count"), type: "uint32", value: config.layers },
    { key: at("context_length"), type: "uint32", value: config.context },
    { key: at("embedding_length"), type: "uint32", value: config.channels },
    { key: at("feed_forward_length"), type: "uint32", value: config.feedForward },
    { key: at("attention.head_count"), type: "uint32", value: config.heads },
    { key: at("attention.head_count_kv"), type: "uint32", value: config.keyHeads },
    { key: at("attention.layer_norm_rms_epsilon"), type: "float32", value: config.eps },
    { key: at("rope.freq_base"), type: "float32", value: config.rope.theta },
    { key: "tokenizer.ggml.eos_token_id", type: "uint32", value: 1 },
  ];
}

/** The float32 tensors of a GGUF file, rows of q and k moved as llama.cpp's converter moves them for Llama. */
export function ggufTensors(config: Config): GgufTensor[] {
  return [...randomTensors(config, "gguf")].map(([name, { shape, bytes }]): GgufTensor => {
    const moved = config.architecture === "llama" && /attn_[qk]\.weight$/.test(name);
    const data = moved ? interleave(bytes, shape[0]!, config.headSize) : bytes;
    return { name, ne: shape.toReversed(), type: "F32", data };
  });
}

/** A GGUF file of those tensors. */
export function ggufModel(config: Config = SMALL_LLAMA, pairs: readonly Pair[] = ggufPairs(config)): Uint8Array {
  return gguf({ pairs, tensors: ggufTensors(config) });
}

/** Row s D/2 + j of each head becomes its row 2j + s. */
function interleave(bytes: Uint8Array, rows: number, D: number): Uint8Array {
  const rowBytes = bytes.length / rows;
  const moved = new Uint8Array(bytes.length);
  for (let row = 0; row < rows; row++) {
    const [head, d] = [row - (row % D), row % D];
    const to = head + (d < D / 2 ? 2 * d : 2 * (d - D / 2) + 1);
    moved.set(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), to * rowBytes);
  }
  return moved;
}
