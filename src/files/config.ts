/**
 * config.json, as Hugging Face writes it, to Config. What the page does not compute is refused by name; nothing that
 * changes a result is skipped in silence. Keys that cannot change one (dropout, initialisers, caches) are not read.
 */
import { checkConfig, type Config } from "../config.ts";
import { FormatError } from "../errors.ts";
import { readJson } from "../json/json.ts";
import type { Json, JsonObject } from "../json/json.ts";
import { as, describe, field, optional } from "../json/fields.ts";
import { type Packing, readQuantization } from "./quantization.ts";
import { readRope } from "./rope.ts";

/** A config, what it says of special ids, and what the reader should be told. */
export interface ConfigFile {
  readonly config: Config;
  /** The file's own fields: generation.ts reads the special ids from it. */
  readonly fields: JsonObject;
  /** The dtype the file claims for its tensors ("BF16"), where it claims one. */
  readonly dtype: string | undefined;
  /** How the matrices of the layers are packed, where they are: quantization_config. */
  readonly packing: Packing | undefined;
  readonly warnings: readonly string[];
}

const ARCHITECTURES: ReadonlyMap<string, { readonly name: Config["architecture"]; readonly head: string }> = new Map([
  ["qwen2", { name: "qwen2", head: "Qwen2ForCausalLM" }],
  ["llama", { name: "llama", head: "LlamaForCausalLM" }],
]);

const DTYPES: ReadonlyMap<string, string> = new Map([
  ["bfloat16", "BF16"],
  ["float16", "F16"],
  ["float32", "F32"],
]);

/**
 * Reads the text of config.json. `path` names it in errors.
 *
 * throws   FormatError: E_JSON_* for what is not strict JSON; E_CFG_ARCH for another model; E_CFG_RANGE for a field that
 *          is absent, of another kind or outside its range; E_CFG_DIMS, E_CFG_ROPE, E_CFG_ACT, E_CFG_UNSUPPORTED; what
 *          quantization.ts says
 * source   transformers 5.23: Qwen2Config, LlamaConfig, and their defaults where a key is commonly left out
 */
export function readConfig(source: Uint8Array | string, path: string): ConfigFile {
  const fields = as(readJson(source, path), "object", "", { path, code: "E_CFG_RANGE" });
  const architecture = readArchitecture(fields, path);
  refuseUnsupported(fields, architecture, path);
  const size = (key: string, most: number) => ranged(fields, key, "integer", 1, most, path);
  const channels = size("hidden_size", 2 ** 20);
  const heads = size("num_attention_heads", 4096);
  const headSize = readHeadSize(fields, channels, heads, path);
  const context = size("max_position_embeddings", 2 ** 31);
  const config: Config = {
    architecture,
    layers: size("num_hidden_layers", 4096),
    channels,
    heads,
    keyHeads: readKeyHeads(fields, architecture, heads, path),
    headSize,
    feedForward: size("intermediate_size", 2 ** 24),
    vocabulary: size("vocab_size", 2 ** 24),
    context,
    eps: ranged(fields, "rms_norm_eps", "number", 1e-12, 0.1, path),
    rope: readRope(fields, headSize, context, path),
    tied: optional(fields, "tie_word_embeddings", "boolean", { path, code: "E_CFG_RANGE" }) ?? false,
    biases: architecture === "qwen2",
  };
  const quantization = readQuantization(fields, path);
  return {
    config: checkConfig(config, path),
    fields,
    dtype: readDtype(fields),
    packing: quantization?.packing,
    warnings: [...warn(fields, path), ...(quantization?.warnings ?? [])],
  };
}

function readArchitecture(fields: JsonObject, path: string): Config["architecture"] {
  const type = fields.get("model_type");
  const known = typeof type === "string" ? ARCHITECTURES.get(type) : undefined;
  if (known === undefined) {
    throw bad(
      "E_CFG_ARCH",
      path,
      '"model_type" to be "qwen2" or "llama"',
      describe(type),
      "Other models do not run here.",
    );
  }
  const heads = fields.get("architectures");
  if (
    heads !== undefined &&
    heads !== null &&
    !(Array.isArray(heads) && heads.length === 1 && heads[0] === known.head)
  ) {
    const actual = Array.isArray(heads) && heads.length === 1 ? describe(heads[0]) : describe(heads);
    throw bad("E_CFG_ARCH", path, `"architectures" to be ["${known.head}"]`, actual, "Other models do not run here.");
  }
  return known.name;
}

/** What would change the result if it were ignored: key, the values that change nothing, and the code. */
const NEUTRAL: readonly (readonly [key: string, neutral: readonly Json[], code: string])[] = [
  ["hidden_act", ["silu"], "E_CFG_ACT"],
  ["use_sliding_window", [false], "E_CFG_UNSUPPORTED"],
];

/** Likewise, for Llama alone: Qwen2 in Hugging Face never reads them. */
const NEUTRAL_LLAMA: typeof NEUTRAL = [
  ["attention_bias", [false], "E_CFG_UNSUPPORTED"],
  ["mlp_bias", [false], "E_CFG_UNSUPPORTED"],
];

function refuseUnsupported(fields: JsonObject, architecture: Config["architecture"], path: string): void {
  for (const [key, neutral, code] of architecture === "llama" ? [...NEUTRAL, ...NEUTRAL_LLAMA] : NEUTRAL) {
    const value = fields.get(key);
    if (value === undefined || value === null || neutral.includes(value)) continue;
    const wanted = neutral.length === 0 ? `no "${key}"` : `"${key}" to be ${neutral.map(describe).join(" or ")}`;
    throw bad(
      code,
      path,
      wanted,
      describe(value),
      "That is not computed here, and ignoring it would give another model.",
    );
  }
  const kinds = optional(fields, "layer_types", "array", { path, code: "E_CFG_RANGE" }) ?? [];
  const other = kinds.find((kind) => kind !== "full_attention");
  if (other === undefined) return;
  throw bad(
    "E_CFG_UNSUPPORTED",
    path,
    'every one of "layer_types" to be "full_attention"',
    describe(other),
    "Other attention is not computed here.",
  );
}

/** `head_dim` where the file has it; Hugging Face honours it even where the heads do not divide hidden_size. */
function readHeadSize(fields: JsonObject, channels: number, heads: number, path: string): number {
  if (fields.get("head_dim") !== undefined && fields.get("head_dim") !== null) {
    return ranged(fields, "head_dim", "integer", 2, 65_536, path);
  }
  if (channels % heads === 0) return channels / heads;
  const expected = '"num_attention_heads" to divide "hidden_size", or "head_dim"';
  throw bad("E_CFG_DIMS", path, expected, `${heads} and ${channels}`, "Is this a Qwen2 model?");
}

/** Llama files from before grouped queries have no `num_key_value_heads`: as many as query heads. */
function readKeyHeads(fields: JsonObject, architecture: string, heads: number, path: string): number {
  const value = fields.get("num_key_value_heads");
  if (value === null || (value === undefined && architecture === "llama")) return heads;
  return ranged(fields, "num_key_value_heads", "integer", 1, 4096, path);
}

function readDtype(fields: JsonObject): string | undefined {
  const name = fields.get("dtype") ?? fields.get("torch_dtype");
  return typeof name === "string" ? DTYPES.get(name) : undefined;
}

function warn(fields: JsonObject, path: string): string[] {
  const code = fields.get("auto_map");
  if (code === undefined || code === null) return [];
  return [
    `${path}: "auto_map" names code to be run in place of the model. It is ignored: no code of a checkpoint is run.`,
  ];
}

/** A number that must be there and within [least, most]. */
export function ranged(
  fields: JsonObject,
  key: string,
  kind: "integer" | "number",
  least: number,
  most: number,
  path: string,
  code = "E_CFG_RANGE",
): number {
  const value = field(fields, key, kind, { path, code });
  if (value >= least && value <= most) return value;
  throw bad(code, path, `"${key}" between ${least} and ${most}`, `${value}`, "Is this a Qwen2 model?");
}

function bad(code: string, path: string, expected: string, actual: string, hint: string): FormatError {
  return new FormatError(code, path, { path, expected, actual, hint });
}
