/** QwQ-32B's small files, as published, to be broken by tests; its weights by name alone. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { QWQ_32B } from "../../src/config.ts";
import { expectedWeights } from "../../src/files/names.ts";
import { publishedQwq } from "../../src/oracle/lint/published.ts";
import { QWQ_CONFIG } from "../../src/synth/qwq-config.ts";
import { temporaryFolder } from "./folder.ts";
import { gguf, type Pair } from "./gguf.ts";
import { goldenPath } from "./golden.ts";

export type Fields = Record<string, unknown>;

const specials = [...publishedQwq().specials!.value];
const QWQ_TEMPLATE = readFileSync(goldenPath("text/templates/qwq-32b.jinja"), "utf8");

/** One set of files; a test changes what it wants to break. */
export function qwqFiles() {
  return {
    "config.json": JSON.parse(QWQ_CONFIG) as Fields,
    "generation_config.json": {
      bos_token_id: 151_643,
      do_sample: true,
      eos_token_id: [151_645, 151_643],
      pad_token_id: 151_643,
      repetition_penalty: 1.0,
      temperature: 0.6,
      top_k: 40,
      top_p: 0.95,
    } as Fields,
    "tokenizer_config.json": {
      add_bos_token: false,
      add_prefix_space: false,
      added_tokens_decoder: Object.fromEntries(
        specials.map(([content, { id, special }]) => [id, { content, special }]),
      ) as Fields,
      bos_token: null,
      chat_template: QWQ_TEMPLATE,
      eos_token: "<|im_end|>",
      pad_token: "<|endoftext|>",
      tokenizer_class: "Qwen2Tokenizer",
      unk_token: null,
    } as Fields,
    "model.safetensors.index.json": {
      metadata: { total_size: 65_527_752_704 },
      weight_map: Object.fromEntries(
        expectedWeights(QWQ_32B, "safetensors").map(({ name }, i) => [name, shard(i)]),
      ) as Fields,
    } as Fields,
  };
}

function shard(i: number): string {
  return `model-${String((i % 14) + 1).padStart(5, "0")}-of-00014.safetensors`;
}

export type QwqFiles = ReturnType<typeof qwqFiles>;

/** A folder of these files after `change`; what `change` deletes is not written. */
export function qwqFolder(change: (files: QwqFiles, folder: string) => void = () => {}): string {
  const folder = join(temporaryFolder(), "model");
  const files = qwqFiles();
  mkdirSync(folder);
  cpSync(goldenPath("model/tiny/tokenizer.json"), join(folder, "tokenizer.json"));
  change(files, folder);
  for (const [name, fields] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(fields));
  return folder;
}

/** The metadata of a GGUF file of QwQ-32B, as llama.cpp's converter writes them; merges apart. */
export function qwqPairs(): Map<string, Pair> {
  const rows = 152_064;
  const tokens = Array.from({ length: rows }, (_, id) => (id < 151_643 ? `t${id}` : `[PAD${id}]`));
  const kinds = tokens.map((_, id): number => (id < 151_643 ? 1 : 5));
  for (const [content, { id, special }] of specials) {
    tokens[id] = content;
    kinds[id] = special ? 3 : 4;
  }
  const pairs: Pair[] = [
    { key: "general.architecture", type: "string", value: "qwen2" },
    { key: "general.name", type: "string", value: "QwQ 32B" },
    { key: "qwen2.block_count", type: "uint32", value: 64 },
    { key: "qwen2.context_length", type: "uint32", value: 40_960 },
    { key: "qwen2.embedding_length", type: "uint32", value: 5120 },
    { key: "qwen2.feed_forward_length", type: "uint32", value: 27_648 },
    { key: "qwen2.attention.head_count", type: "uint32", value: 40 },
    { key: "qwen2.attention.head_count_kv", type: "uint32", value: 8 },
    { key: "qwen2.attention.layer_norm_rms_epsilon", type: "float32", value: 1e-5 },
    { key: "qwen2.rope.freq_base", type: "float32", value: 1e6 },
    { key: "tokenizer.ggml.model", type: "string", value: "gpt2" },
    { key: "tokenizer.ggml.pre", type: "string", value: "qwen2" },
    { key: "tokenizer.ggml.tokens", type: "array", element: "string", value: tokens },
    { key: "tokenizer.ggml.token_type", type: "array", element: "int32", value: kinds },
    { key: "tokenizer.ggml.merges", type: "array", element: "string", value: ["t0 t1"] },
    { key: "tokenizer.ggml.eos_token_id", type: "uint32", value: 151_645 },
    { key: "tokenizer.ggml.padding_token_id", type: "uint32", value: 151_643 },
    { key: "tokenizer.ggml.bos_token_id", type: "uint32", value: 151_643 },
    { key: "tokenizer.ggml.add_bos_token", type: "bool", value: false },
    { key: "tokenizer.chat_template", type: "string", value: QWQ_TEMPLATE },
  ];
  return new Map(pairs.map((pair) => [pair.key as string, pair]));
}

/** Every tensor of QwQ-32B with no bytes of its own would not be a GGUF file; one byte's worth of each is enough here. */
export function qwqGguf(change: (pairs: Map<string, Pair>, tensors: string[]) => void = () => {}): string {
  const pairs = qwqPairs();
  const names = expectedWeights(QWQ_32B, "gguf").map(({ name }) => name);
  change(pairs, names);
  const data = new Uint8Array(4);
  const tensors = names.map((name) => ({ name, ne: name === "token_embd.weight" ? [1, 1] : [1], type: "F32", data }));
  const path = join(temporaryFolder(), "engine.gguf");
  writeFileSync(
    path,
    gguf({ pairs: [...pairs.values(), { key: "qwen2.vocab_size", type: "uint32", value: 152_064 }], tensors }),
  );
  return path;
}
