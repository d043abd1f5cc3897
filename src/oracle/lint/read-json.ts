/**
 * Facts of Hugging Face's files: a folder, or config.json alone. More is read than src/files/config.ts takes: what cannot
 * be computed here is still a fact.
 */
import { basename, join } from "node:path";
import { QwqError } from "../../errors.ts";
import { readChatTemplate } from "../../files/chat-template.ts";
import { InputFile } from "../../files/input.ts";
import { namesIn, readInside } from "../../files/paths.ts";
import { readSafetensorsHeader } from "../../files/safetensors.ts";
import { INDEX, MOST_INDEX, parseIndex } from "../../files/shards.ts";
import { readFolderVocabulary } from "../../files/vocabulary-folder.ts";
import { as, field, optional } from "../../json/fields.ts";
import { type Json, type JsonObject, readJson } from "../../json/json.ts";
import type { Claim, Facts, Scaling, Setting, Size, Special } from "./facts.ts";
import { tensorFacts } from "./tensors.ts";

const MOST_BYTES = 2 ** 26;

const SIZES: Readonly<Record<Size, string>> = {
  layers: "num_hidden_layers",
  channels: "hidden_size",
  heads: "num_attention_heads",
  keyHeads: "num_key_value_heads",
  headSize: "head_dim",
  feedForward: "intermediate_size",
  vocabulary: "vocab_size",
  context: "max_position_embeddings",
  eps: "rms_norm_eps",
  theta: "rope_theta",
};

const SETTINGS: Readonly<Record<Setting, string>> = {
  temperature: "temperature",
  topK: "top_k",
  topP: "top_p",
  minP: "min_p",
  repetitionPenalty: "repetition_penalty",
};

/** A file's object, with its name for the places of claims. */
class Source {
  readonly fields: JsonObject;
  readonly name: string;
  readonly path: string;

  constructor(fields: JsonObject, name: string, path: string) {
    this.fields = fields;
    this.name = name;
    this.path = path;
  }

  claim<K extends "integer" | "number" | "boolean" | "string">(key: string, kind: K) {
    const value = optional(this.fields, key, kind, this.path);
    return value === undefined ? undefined : { value, where: this.place(key) };
  }

  place(key: string): string {
    return `${this.name}: ${key}`;
  }
}

/** Facts of a folder: of every file that is there. Throws as `readInside` and `readJson`; FormatError E_JSON_FIELD. */
export function folderFacts(path: string): Facts {
  const names = namesIn(path);
  const read = (name: string) => {
    if (!names.has(name)) return new Source(new Map(), name, join(path, name));
    const at = join(path, name);
    return new Source(
      as(readJson(readInside(path, name, MOST_BYTES, "E_LIMIT_CONFIG"), at), "object", "", at),
      name,
      at,
    );
  };
  const sources = [read("config.json"), read("generation_config.json"), read("tokenizer_config.json")] as const;
  const template = readChatTemplate(path, names);
  const place = names.has("chat_template.jinja") ? "chat_template.jinja" : "tokenizer_config.json: chat_template";
  const tensors = tensorNames(path, names);
  return {
    ...jsonFacts(path, "folder", ...sources),
    tokenizer: vocabularyOf(path, names),
    template: template === undefined ? undefined : { value: template, where: place },
    tensors:
      tensors === undefined ? undefined : { value: tensorFacts(tensors.names, "safetensors"), where: tensors.where },
    has: {
      config: names.has("config.json"),
      generation: names.has("config.json"),
      tokenizer: names.has("tokenizer_config.json") || names.has("tokenizer.json"),
      template: names.has("tokenizer_config.json") || names.has("tokenizer.json"),
      tensors: tensors !== undefined,
    },
  };
}

/** Facts of config.json by itself: what other files would say is not known. */
export function configFacts(fields: JsonObject, path: string): Facts {
  const other = (called: string) => new Source(new Map<string, Json>(), called, path);
  const facts = jsonFacts(
    path,
    "config",
    new Source(fields, basename(path), path),
    other("generation_config.json"),
    other("tokenizer_config.json"),
  );
  return { ...facts, has: { config: true, generation: false, tokenizer: false, template: false, tensors: false } };
}

function jsonFacts(
  path: string,
  kind: Facts["kind"],
  config: Source,
  generation: Source,
  tokenizer: Source,
): Omit<Facts, "has"> {
  const specials = specialsOf(tokenizer);
  return {
    path,
    kind,
    name: optional(config.fields, "_name_or_path", "string", config.path),
    architecture: config.claim("model_type", "string"),
    numbers: sizesOf(config),
    place: (key) => (key in SIZES ? config.place(SIZES[key as Size]) : generation.place(SETTINGS[key as Setting])),
    act: config.claim("hidden_act", "string"),
    tied: config.claim("tie_word_embeddings", "boolean"),
    window: config.claim("use_sliding_window", "boolean"),
    dtype: config.claim("torch_dtype", "string") ?? config.claim("dtype", "string"),
    scaling: scalingOf(config),
    tensors: undefined,
    eos: ids(generation, "eos_token_id") ?? ids(config, "eos_token_id"),
    pad: padOf(generation, config),
    addBos: tokenizer.claim("add_bos_token", "boolean"),
    addEos: tokenizer.claim("add_eos_token", "boolean"),
    prefixSpace: tokenizer.claim("add_prefix_space", "boolean"),
    specials,
    tokens: specials === undefined ? undefined : { value: highest(specials.value) + 1, where: specials.where },
    paddingTokens: undefined,
    tokenizer: undefined,
    sampling: settingsOf(generation),
    sample: generation.claim("do_sample", "boolean"),
    template: undefined,
  };
}

function highest(specials: ReadonlyMap<string, Special>): number {
  return Math.max(...[...specials.values()].map(({ id }) => id));
}

function sizesOf(config: Source): Facts["numbers"] {
  const claims = Object.entries(SIZES).map(([size, key]) => [size, config.claim(key, "number")] as const);
  const found = Object.fromEntries(claims.filter(([, claim]) => claim !== undefined)) as Record<Size, Claim<number>>;
  const inner = optional(config.fields, "rope_parameters", "object", config.path);
  const theta = inner === undefined ? undefined : optional(inner, "rope_theta", "number", config.path);
  const { channels, heads, headSize } = found as Partial<typeof found>;
  return {
    ...(headSize === undefined && channels !== undefined && heads !== undefined
      ? { headSize: { value: channels.value / heads.value, where: heads.where } }
      : {}),
    ...found,
    ...(theta === undefined ? {} : { theta: { value: theta, where: config.place("rope_parameters.rope_theta") } }),
  };
}

function settingsOf(generation: Source): Facts["sampling"] {
  const claims = Object.entries(SETTINGS).map(([setting, key]) => [setting, generation.claim(key, "number")] as const);
  return Object.fromEntries(claims.filter(([, claim]) => claim !== undefined));
}

/** `rope_scaling` of transformers 4, `rope_parameters` of 5; "default" is none. */
function scalingOf(config: Source): Claim<Scaling> | undefined {
  for (const key of ["rope_scaling", "rope_parameters"]) {
    const fields = optional(config.fields, key, "object", config.path);
    const type = fields?.get("rope_type") ?? fields?.get("type") ?? "default";
    if (fields === undefined || type === "default" || typeof type !== "string") continue;
    const number = (name: string) => optional(fields, name, "number", { path: config.path, inside: key });
    const value = {
      type,
      factor: number("factor"),
      original:
        optional(config.fields, "original_max_position_embeddings", "number", config.path) ??
        number("original_max_position_embeddings"),
      attention: number("attention_factor"),
    };
    return { value, where: config.place(key) };
  }
  return undefined;
}

/** One id or a list of them. */
function ids(source: Source, key: string): Claim<readonly number[]> | undefined {
  const value = source.fields.get(key);
  if (value === undefined || value === null) return undefined;
  const list = Array.isArray(value) ? value : [value];
  return { value: list.map((id, i) => as(id, "integer", `${key}[${i}]`, source.path)), where: source.place(key) };
}

function padOf(generation: Source, config: Source): Claim<number> | undefined {
  return generation.claim("pad_token_id", "integer") ?? config.claim("pad_token_id", "integer");
}

function specialsOf(tokenizer: Source): Facts["specials"] {
  const key = "added_tokens_decoder";
  const table = optional(tokenizer.fields, key, "object", tokenizer.path);
  if (table === undefined || table.size === 0) return undefined;
  const place = { path: tokenizer.path, inside: key };
  const entries = [...table].map(([id, entry]) => {
    const fields = as(entry, "object", id, place);
    const special = optional(fields, "special", "boolean", place) ?? false;
    return [field(fields, "content", "string", place), { id: Number(id), special }] as const;
  });
  return { value: new Map(entries), where: tokenizer.place(key) };
}

/** The tokenizer itself, or why there is none. */
function vocabularyOf(folder: string, names: ReadonlySet<string>): Facts["tokenizer"] {
  const where = names.has("tokenizer.json") ? "tokenizer.json" : "vocab.json";
  try {
    const value = readFolderVocabulary(folder, names);
    return value === undefined ? undefined : { value, where };
  } catch (error) {
    if (error instanceof QwqError) return { value: error, where };
    throw error;
  }
}

/** The names of all tensors: from the index, or from the one file's header. */
function tensorNames(folder: string, names: ReadonlySet<string>) {
  if (names.has(INDEX)) {
    const index = parseIndex(readInside(folder, INDEX, MOST_INDEX, "E_LIMIT_INDEX"), join(folder, INDEX));
    return { names: [...index.weightMap.keys()], where: INDEX };
  }
  if (!names.has("model.safetensors")) return undefined;
  const file = new InputFile(join(folder, "model.safetensors"));
  try {
    return { names: readSafetensorsHeader(file).tensors.map(({ name }) => name), where: "model.safetensors" };
  } finally {
    file.close();
  }
}
