/**
 * Facts of a GGUF file, or of its metadata as JSON: the keys alone, or as `gguf-dump --json` prints them.
 *
 * source   ggml: docs/gguf.md; gguf-py: constants.py, scripts/gguf_dump.py
 */
import { QwqError } from "../../errors.ts";
import { openGgufParts } from "../../files/gguf-parts.ts";
import type { Gguf } from "../../files/gguf.ts";
import { readGgufVocabulary } from "../../files/gguf-vocabulary.ts";
import { attention } from "../../files/rope.ts";
import { type Json, JsonNumber, type JsonObject } from "../../json/json.ts";
import type { Claim, Facts, Scaling, Setting, Size, Special } from "./facts.ts";
import { tensorFacts } from "./tensors.ts";

/** After the architecture's name. */
const SIZES: Readonly<Record<Size, string>> = {
  layers: "block_count",
  channels: "embedding_length",
  heads: "attention.head_count",
  keyHeads: "attention.head_count_kv",
  headSize: "attention.key_length",
  feedForward: "feed_forward_length",
  vocabulary: "vocab_size",
  context: "context_length",
  eps: "attention.layer_norm_rms_epsilon",
  theta: "rope.freq_base",
};

const SETTINGS: Readonly<Record<Setting, string>> = {
  temperature: "general.sampling.temp",
  topK: "general.sampling.top_k",
  topP: "general.sampling.top_p",
  minP: "general.sampling.min_p",
  repetitionPenalty: "general.sampling.penalty_repeat",
};

/** Values by key, as plain JavaScript. */
type Plain = ReadonlyMap<string, unknown>;

/** Facts of a .gguf file. Throws as `openGgufParts`. */
export function ggufFacts(path: string): Facts {
  const { files, gguf } = openGgufParts(path);
  for (const file of files) file.close();
  const plain = new Map([...gguf.metadata].map(([key, { value }]) => [key, value]));
  const embedding = gguf.tensors.find(({ name }) => name === "token_embd.weight");
  const facts = metadataFacts(plain, path, "gguf");
  const rows = embedding?.shape[0];
  return {
    ...facts,
    numbers: {
      ...(rows === undefined ? {} : { vocabulary: { value: rows, where: "token_embd.weight" } }),
      ...facts.numbers,
    },
    tokenizer: vocabularyOf(gguf),
    tensors: {
      value: tensorFacts(
        gguf.tensors.map(({ name }) => name),
        "gguf",
      ),
      where: "tensors",
    },
    has: { ...facts.has, tensors: true },
  };
}

/** The tokenizer, or why there is none; what is put around a text is judged by itself. */
function vocabularyOf(gguf: Gguf): Facts["tokenizer"] {
  const where = "tokenizer.ggml.model, .pre, .tokens, .merges";
  const metadata = new Map([...gguf.metadata].filter(([key]) => !/^tokenizer\.ggml\.add_/.test(key)));
  try {
    const value = readGgufVocabulary({ ...gguf, metadata });
    return value === undefined ? undefined : { value, where };
  } catch (error) {
    if (error instanceof QwqError) return { value: error, where };
    throw error;
  }
}

/** Whether a JSON object is the metadata of a GGUF file, and its pairs if so. */
export function ggufPairs(json: JsonObject): Plain | undefined {
  const inner = json.get("metadata");
  const pairs = inner instanceof Map ? inner : json;
  const known = [...pairs.keys()].some((key) => /^(general\.|tokenizer\.|qwen2\.|llama\.)/.test(key));
  if (!known) return undefined;
  return new Map([...pairs].map(([key, value]) => [key, plain(value instanceof Map ? value.get("value") : value)]));
}

function plain(json: Json | undefined): unknown {
  if (json instanceof JsonNumber) return json.value;
  return Array.isArray(json) ? json.map(plain) : json;
}

export function metadataFacts(pairs: Plain, path: string, kind: "gguf" | "metadata"): Facts {
  const architecture = text(pairs, "general.architecture");
  const prefix = architecture?.value ?? "qwen2";
  const numbers = sizesOf(pairs, prefix);
  const specials = specialsOf(pairs);
  const tokenizer = pairs.has("tokenizer.ggml.tokens") || pairs.has("tokenizer.ggml.model");
  return {
    path,
    kind,
    name: text(pairs, "general.name")?.value,
    architecture,
    numbers,
    place: (key) => (key in SIZES ? `${prefix}.${SIZES[key as Size]}` : SETTINGS[key as Setting]),
    act: undefined,
    tied: undefined,
    window: windowOf(pairs, prefix),
    dtype: dtypeOf(pairs),
    scaling: scalingOf(pairs, prefix),
    tensors: undefined,
    eos: eosOf(pairs),
    pad: number(pairs, "tokenizer.ggml.padding_token_id"),
    addBos: flag(pairs, "tokenizer.ggml.add_bos_token"),
    addEos: flag(pairs, "tokenizer.ggml.add_eos_token"),
    prefixSpace: flag(pairs, "tokenizer.ggml.add_space_prefix"),
    ...specials,
    tokenizer: undefined,
    sampling: settingsOf(pairs),
    sample: undefined,
    template: text(pairs, "tokenizer.chat_template"),
    has: { config: true, generation: false, tokenizer, template: tokenizer, tensors: false },
  };
}

function number(pairs: Plain, key: string): Claim<number> | undefined {
  const value = pairs.get(key);
  return typeof value === "number" ? { value, where: key } : undefined;
}

function text(pairs: Plain, key: string): Claim<string> | undefined {
  const value = pairs.get(key);
  return typeof value === "string" ? { value, where: key } : undefined;
}

function flag(pairs: Plain, key: string): Claim<boolean> | undefined {
  const value = pairs.get(key);
  return typeof value === "boolean" ? { value, where: key } : undefined;
}

function sizesOf(pairs: Plain, prefix: string): Facts["numbers"] {
  const claims = Object.entries(SIZES).map(([size, key]) => [size, number(pairs, `${prefix}.${key}`)] as const);
  const found = Object.fromEntries(claims.filter(([, claim]) => claim !== undefined)) as Partial<
    Record<Size, Claim<number>>
  >;
  const { channels, heads, headSize } = found;
  if (headSize !== undefined || channels === undefined || heads === undefined) return found;
  return { ...found, headSize: { value: channels.value / heads.value, where: heads.where } };
}

function settingsOf(pairs: Plain): Facts["sampling"] {
  const claims = Object.entries(SETTINGS).map(([setting, key]) => [setting, number(pairs, key)] as const);
  return Object.fromEntries(claims.filter(([, claim]) => claim !== undefined));
}

function windowOf(pairs: Plain, prefix: string): Claim<boolean> | undefined {
  const size = number(pairs, `${prefix}.attention.sliding_window`);
  return size === undefined ? undefined : { value: size.value > 0, where: size.where };
}

/** `general.file_type` 1 is "mostly F16". */
function dtypeOf(pairs: Plain): Claim<string> | undefined {
  const type = number(pairs, "general.file_type");
  return type?.value === 1 ? { value: "float16", where: type.where } : undefined;
}

/** llama.cpp multiplies 0.1 ln f + 1 by `attn_factor`, where Hugging Face's field replaces it. */
function scalingOf(pairs: Plain, prefix: string): Claim<Scaling> | undefined {
  const type = text(pairs, `${prefix}.rope.scaling.type`);
  if (type === undefined || type.value === "none") return undefined;
  const of = (key: string) => number(pairs, `${prefix}.rope.scaling.${key}`)?.value;
  const [factor, times] = [of("factor"), of("attn_factor")];
  const value = {
    type: type.value,
    factor,
    original: of("original_context_length"),
    attention: times === undefined || factor === undefined ? undefined : times * attention(factor),
  };
  return { value, where: `${prefix}.rope.scaling` };
}

function eosOf(pairs: Plain): Facts["eos"] {
  const keys = ["eos_token_id", "eot_token_id"].map((key) => number(pairs, `tokenizer.ggml.${key}`));
  const found = keys.filter((claim) => claim !== undefined);
  return found.length === 0 ? undefined : { value: found.map(({ value }) => value), where: found[0]!.where };
}

const NORMAL = 1;
const CONTROL = 3;
const USER_DEFINED = 4;
const UNUSED = 5;

function specialsOf(pairs: Plain): Pick<Facts, "specials" | "tokens" | "paddingTokens"> {
  const tokens = pairs.get("tokenizer.ggml.tokens");
  const kinds = pairs.get("tokenizer.ggml.token_type");
  if (!Array.isArray(tokens) || !Array.isArray(kinds)) {
    return { specials: undefined, tokens: undefined, paddingTokens: undefined };
  }
  const found = new Map<string, Special>();
  let last = -1;
  let padding = 0;
  tokens.forEach((content: unknown, id) => {
    const kind: unknown = kinds[id];
    if (typeof content !== "string") return;
    if (kind === CONTROL || kind === USER_DEFINED) found.set(content, { id, special: kind === CONTROL });
    const filler = /^\[PAD\d+\]$/.test(content);
    if (filler && kind === NORMAL) padding++;
    if (kind !== UNUSED && !filler) last = id;
  });
  return {
    specials: { value: found, where: "tokenizer.ggml.token_type" },
    tokens: { value: last + 1, where: "tokenizer.ggml.tokens" },
    paddingTokens: { value: padding, where: "tokenizer.ggml.token_type" },
  };
}
