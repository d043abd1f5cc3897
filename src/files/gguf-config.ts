/**
 * What a GGUF file's metadata says of the model: the same Config and GenerationConfig as config.json gives.
 *
 * source   ggml: docs/gguf.md; llama.cpp: llm_load_hparams, llama_model_qwen2, llama_model_llama; gguf-py: constants.py
 */
import { checkConfig, type Config, type Yarn } from "../config.ts";
import { FormatError } from "../errors.ts";
import type { GenerationConfig } from "./generation.ts";
import type { Gguf, GgufValue } from "./gguf.ts";
import { MODEL_WEIGHTS } from "./names.ts";
import { quote } from "../json/quote.ts";
import { attention } from "./rope.ts";

/**
 * The model a GGUF file holds. Sizes that the metadata leave out are taken from the tensors: the vocabulary from the
 * embedding's rows, tied embeddings from the absence of an unembedding.
 *
 * throws   FormatError E_CFG_ARCH, E_CFG_RANGE (a key absent, of another type, or outside its range), E_CFG_DIMS,
 *          E_CFG_ROPE, E_CFG_UNSUPPORTED
 */
export function ggufConfig(file: Gguf): Config {
  const { path } = file;
  const architecture = file.metadata.get("general.architecture")?.value;
  if (architecture !== "qwen2" && architecture !== "llama") {
    const hint = "Other models do not run here.";
    throw bad("E_CFG_ARCH", path, '"general.architecture" to be "qwen2" or "llama"', show(architecture), hint);
  }
  const of = new Keys(file, architecture);
  refuseUnsupported(of);
  const channels = of.integer("embedding_length", 1, 2 ** 20);
  const heads = of.integer("attention.head_count", 1, 4096);
  const headSize = readHeadSize(of, channels, heads);
  const context = of.integer("context_length", 1, 2 ** 31);
  return checkConfig(
    {
      architecture,
      layers: of.integer("block_count", 1, 4096),
      channels,
      heads,
      keyHeads: of.optional("attention.head_count_kv", 1, 4096) ?? heads,
      headSize,
      feedForward: of.integer("feed_forward_length", 1, 2 ** 24),
      vocabulary: readVocabulary(of),
      context,
      eps: of.number("attention.layer_norm_rms_epsilon", 1e-12, 0.1) ?? missing(of, "attention.layer_norm_rms_epsilon"),
      rope: { D: headSize, theta: of.number("rope.freq_base", 1, 1e12) ?? 10_000, yarn: readYarn(of, context) },
      tied: !file.tensors.some(({ name }) => name === MODEL_WEIGHTS.find(({ ours }) => ours === "U")!.gguf),
      biases: architecture === "qwen2",
    },
    path,
  );
}

/** Metadata by key without the architecture's prefix, each read with its range. */
class Keys {
  readonly file: Gguf;
  private readonly architecture: string;

  constructor(file: Gguf, architecture: string) {
    this.file = file;
    this.architecture = architecture;
  }

  name(key: string): string {
    return `${this.architecture}.${key}`;
  }

  value(key: string): GgufValue | undefined {
    return this.file.metadata.get(this.name(key));
  }

  integer(key: string, least: number, most: number): number {
    return this.optional(key, least, most) ?? missing(this, key);
  }

  optional(key: string, least: number, most: number): number | undefined {
    const value = this.number(key, least, most);
    if (value === undefined || Number.isInteger(value)) return value;
    throw bad("E_CFG_RANGE", this.file.path, `${quote(this.name(key))} to be an integer`, `${value}`);
  }

  number(key: string, least: number, most: number): number | undefined {
    const entry = this.value(key);
    if (entry === undefined) return undefined;
    const { value } = entry;
    if (typeof value === "number" && value >= least && value <= most) return value;
    const expected = `${quote(this.name(key))} between ${least} and ${most}`;
    throw bad("E_CFG_RANGE", this.file.path, expected, Array.isArray(value) ? "an array" : show(value));
  }
}

function missing(of: Keys, key: string): never {
  throw bad("E_CFG_RANGE", of.file.path, `the metadata ${quote(of.name(key))}`, "nothing");
}

/** Keys that would change the result if they were ignored, with the values that change nothing. */
const NEUTRAL: readonly (readonly [key: string, neutral: readonly unknown[]])[] = [
  ["expert_count", [0]],
  ["attention.sliding_window", [0]],
  ["attention.causal", [true]],
  ["rope.scale_linear", [1]],
];

function refuseUnsupported(of: Keys): void {
  for (const [key, neutral] of NEUTRAL) {
    const value = of.value(key)?.value;
    if (value === undefined || neutral.includes(value)) continue;
    const expected = `${quote(of.name(key))} to be ${neutral.join(" or ")}`;
    const hint = "That is not computed here, and ignoring it would give another model.";
    throw bad("E_CFG_UNSUPPORTED", of.file.path, expected, show(value), hint);
  }
}

/** `key_length`, which `value_length` and `rope.dimension_count` must then repeat: this model has one head size. */
function readHeadSize(of: Keys, channels: number, heads: number): number {
  const keys = ["attention.key_length", "attention.value_length", "rope.dimension_count"] as const;
  const given = keys.map((key) => of.optional(key, 2, 65_536));
  const size = given[0] ?? channels / heads;
  const other = given.findIndex((value) => value !== undefined && value !== size);
  if (Number.isInteger(size) && other < 0) return size;
  const expected =
    other < 0 ? `${heads} heads to divide ${channels} channels` : `${quote(of.name(keys[other]!))} ${size}`;
  throw bad("E_CFG_DIMS", of.file.path, expected, other < 0 ? `${size}` : `${given[other]}`);
}

function readVocabulary(of: Keys): number {
  const embedding = MODEL_WEIGHTS.find(({ ours }) => ours === "E")!.gguf;
  const rows = of.file.tensors.find(({ name }) => name === embedding)?.shape[0];
  return of.optional("vocab_size", 1, 2 ** 24) ?? rows ?? missing(of, "vocab_size");
}

/** YaRN as llama.cpp has it: the attention factor multiplies 0.1 ln(factor) + 1, where config.json's replaces it. */
function readYarn(of: Keys, context: number): Yarn | undefined {
  const type = of.value("rope.scaling.type")?.value ?? "none";
  const factor = of.number("rope.scaling.factor", 2 ** -20, 2 ** 20);
  if (type === "none" || (type === "linear" && (factor ?? 1) === 1)) return undefined;
  if (type !== "yarn") {
    const hint = "Other scalings are not computed here.";
    throw bad(
      "E_CFG_ROPE",
      of.file.path,
      `${quote(of.name("rope.scaling.type"))} to be "none" or "yarn"`,
      show(type),
      hint,
    );
  }
  if (factor === undefined) throw bad("E_CFG_ROPE", of.file.path, quote(of.name("rope.scaling.factor")), "nothing");
  if (of.number("rope.freq_base", 1, 1e12) === 1) {
    throw bad("E_CFG_ROPE", of.file.path, `${quote(of.name("rope.freq_base"))} above 1 for YaRN`, "1");
  }
  return {
    factor,
    original: of.number("rope.scaling.original_context_length", 1, 2 ** 31) ?? context,
    attention: attention(factor) * (of.number("rope.scaling.attn_factor", 2 ** -20, 2 ** 20) ?? 1),
    fast: of.number("rope.scaling.yarn_beta_fast", 2 ** -20, 2 ** 20) ?? 32,
    slow: of.number("rope.scaling.yarn_beta_slow", 2 ** -20, 2 ** 20) ?? 1,
    truncate: true,
  };
}

/** The ids that end a reply; a GGUF file of these models has no settings for sampling. */
export function ggufGeneration(file: Gguf, vocabulary: number): GenerationConfig {
  const id = (key: string): number | undefined => {
    const value = file.metadata.get(`tokenizer.ggml.${key}`)?.value;
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value < vocabulary) return value;
    throw bad("E_CFG_TOKEN_ID", file.path, `"tokenizer.ggml.${key}" to be an id below ${vocabulary}`, show(value));
  };
  const ends = [id("eos_token_id"), id("eot_token_id")].filter((value) => value !== undefined);
  return {
    stop: [...new Set(ends)],
    bos: id("bos_token_id"),
    pad: id("padding_token_id"),
    sample: undefined,
    temperature: undefined,
    topK: undefined,
    topP: undefined,
    minP: undefined,
    repetitionPenalty: undefined,
    maxTokens: undefined,
  };
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  return typeof value === "string" ? quote(value) : String(value);
}

function bad(
  code: string,
  path: string,
  expected: string,
  actual: string,
  hint = "Is this a Qwen2 model?",
): FormatError {
  return new FormatError(code, path, { path, expected, actual, hint });
}
