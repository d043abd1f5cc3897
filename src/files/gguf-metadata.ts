/**
 * What a GGUF file says of a model beside its tensors: the reverse of gguf-config.ts and gguf-vocabulary.ts, so that
 * llama.cpp loads what was a Hugging Face folder.
 *
 * source   llama.cpp: convert_hf_to_gguf.py (set_gguf_parameters, get_vocab_base); gguf-py: constants.py
 */
import type { Config } from "../config.ts";
import { FormatError } from "../errors.ts";
import type { Vocabulary } from "../text/vocabulary.ts";
import type { GenerationConfig } from "./generation.ts";
import type { GgufMetadata, GgufValue } from "./gguf.ts";
import type { ScalarType } from "./gguf-cursor.ts";
import { attention } from "./rope.ts";
import type { SpecialTokens } from "./special-tokens.ts";

/** What the metadata are made of; a Checkpoint has it all. */
export interface Described {
  readonly path: string;
  readonly config: Config;
  readonly generation: GenerationConfig;
  readonly vocabulary: Vocabulary | undefined;
  readonly template: string | undefined;
  readonly specialTokens: SpecialTokens;
  /** The metadata of the GGUF file it was read from, if it was. */
  readonly gguf: { readonly metadata: GgufMetadata } | undefined;
}

/** Said of the file's parts, its padding and its number formats, which a new file has its own of. */
const OWN = /^(?:split\.|general\.(?:alignment|file_type|quantization_version)$)/;

/**
 * The metadata of a model; those of its own GGUF file where it was one. `fileType` is llama.cpp's number for the mixture of
 * number formats (llama_ftype).
 *
 * throws   FormatError E_CFG_UNSUPPORTED for YaRN that is not rounded to whole frequencies, which GGUF cannot say
 */
export function ggufMetadata(model: Described, fileType: number): GgufMetadata {
  const versions: readonly (readonly [string, GgufValue])[] = [
    ["general.quantization_version", { type: "uint32", value: 2 }],
    ["general.file_type", { type: "uint32", value: fileType }],
  ];
  const { gguf } = model;
  if (gguf !== undefined) return new Map([...[...gguf.metadata].filter(([key]) => !OWN.test(key)), ...versions]);
  const { architecture } = model.config;
  return new Map([
    ["general.architecture", { type: "string", value: architecture }],
    ...versions,
    ...configPairs(model),
    ...(model.vocabulary === undefined ? [] : vocabularyPairs(model, model.vocabulary)),
    ...idPairs(model),
    ...(model.template === undefined ? [] : [pair("tokenizer.chat_template", "string", model.template)]),
  ]);
}

type Pair = readonly [key: string, value: GgufValue];

function pair(key: string, type: ScalarType, value: string | number | boolean): Pair {
  return [key, { type, value }];
}

function configPairs({ config, path }: Described): Pair[] {
  const at = (key: string) => `${config.architecture}.${key}`;
  const whole = (key: string, value: number) => pair(at(key), "uint32", value);
  return [
    whole("block_count", config.layers),
    whole("context_length", config.context),
    whole("embedding_length", config.channels),
    whole("feed_forward_length", config.feedForward),
    whole("attention.head_count", config.heads),
    whole("attention.head_count_kv", config.keyHeads),
    whole("attention.key_length", config.headSize),
    whole("attention.value_length", config.headSize),
    whole("rope.dimension_count", config.headSize),
    whole("vocab_size", config.vocabulary),
    pair(at("attention.layer_norm_rms_epsilon"), "float32", config.eps),
    pair(at("rope.freq_base"), "float32", config.rope.theta),
    ...yarnPairs(config, path),
  ];
}

/** llama.cpp's attention factor multiplies 0.1 ln(factor) + 1, where ours is the product. */
function yarnPairs({ architecture, rope: { yarn } }: Config, path: string): Pair[] {
  if (yarn === undefined) return [];
  if (!yarn.truncate) {
    const [expected, actual] = ['YaRN with "truncate": true', "false"];
    const hint = "A GGUF file cannot say that; write safetensors.";
    throw new FormatError("E_CFG_UNSUPPORTED", path, { path, expected, actual, hint });
  }
  const at = (key: string) => `${architecture}.rope.scaling.${key}`;
  return [
    pair(at("type"), "string", "yarn"),
    pair(at("factor"), "float32", yarn.factor),
    pair(at("original_context_length"), "uint32", yarn.original),
    pair(at("attn_factor"), "float32", yarn.attention / attention(yarn.factor)),
    pair(at("yarn_beta_fast"), "float32", yarn.fast),
    pair(at("yarn_beta_slow"), "float32", yarn.slow),
  ];
}

const PRE: Readonly<Record<Vocabulary["pattern"], string>> = { qwen2: "qwen2", smollm: "smollm", gpt2: "gpt-2" };

/** Kinds of token, as gguf-vocabulary.ts has them. */
const KIND = { normal: 1, control: 3, userDefined: 4, unused: 5 } as const;

/** Tokens for every row of the embedding: llama.cpp wants as many as there are rows, so those left over are "unused". */
function vocabularyPairs({ config }: Described, { tokens, added, merges, pattern }: Vocabulary): Pair[] {
  const texts = Array.from({ length: config.vocabulary }, (_, id) => tokens[id] ?? `[PAD${id}]`);
  const kinds: number[] = texts.map((_, id) => (tokens[id] === undefined ? KIND.unused : KIND.normal));
  for (const { id, content, special } of added) {
    texts[id] = content;
    kinds[id] = special ? KIND.control : KIND.userDefined;
  }
  return [
    pair("tokenizer.ggml.model", "string", "gpt2"),
    pair("tokenizer.ggml.pre", "string", PRE[pattern]),
    ["tokenizer.ggml.tokens", { type: "array", element: "string", value: texts }],
    ["tokenizer.ggml.token_type", { type: "array", element: "int32", value: kinds }],
    ["tokenizer.ggml.merges", { type: "array", element: "string", value: [...merges] }],
    pair("tokenizer.ggml.add_bos_token", "bool", false),
  ];
}

/**
 * Ids that end a reply, of which GGUF has two: first the one that the tokenizer names, where generation_config.json has it. What generation_config.json
 * says of sampling has none.
 */
function idPairs({ generation, vocabulary, specialTokens }: Described): Pair[] {
  const idOf = (content: string | undefined) => vocabulary?.added.find((token) => token.content === content)?.id;
  const named = idOf(specialTokens.eos_token);
  const stop = [...new Set([...generation.stop.filter((id) => id === named), ...generation.stop, named])];
  const ids = [
    ["eos_token_id", stop[0]],
    ["eot_token_id", generation.stop.length > 1 ? stop[1] : undefined],
    ["bos_token_id", generation.bos ?? idOf(specialTokens.bos_token)],
    ["padding_token_id", generation.pad ?? idOf(specialTokens.pad_token)],
  ] as const;
  return ids.flatMap(([key, id]) => (id === undefined ? [] : [pair(`tokenizer.ggml.${key}`, "uint32", id)]));
}
