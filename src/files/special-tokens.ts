/**
 * The special tokens that have names, such as `eos_token`: Hugging Face gives them to every chat template as variables.
 */
import { join } from "node:path";
import { as } from "../json/fields.ts";
import { type Json, type JsonObject, readJson } from "../json/json.ts";
import type { Gguf } from "./gguf.ts";
import { readInside } from "./paths.ts";

const NAMES = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"] as const;

/** Contents by name. */
export type SpecialTokens = Readonly<
  Partial<
    Record<"bos_token" | "eos_token" | "unk_token" | "sep_token" | "pad_token" | "cls_token" | "mask_token", string>
  >
>;

/** As in a GGUF file: the ids' keys after "tokenizer.ggml.". */
const GGUF_NAMES = {
  bos_token: "bos_token_id",
  eos_token: "eos_token_id",
  unk_token: "unknown_token_id",
  sep_token: "separator_token_id",
  pad_token: "padding_token_id",
  cls_token: "cls_token_id",
  mask_token: "mask_token_id",
} as const satisfies Record<(typeof NAMES)[number], string>;

const END = "<|endoftext|>";
const QWEN: SpecialTokens = { unk_token: END, eos_token: END, pad_token: END };
const GPT2: SpecialTokens = { unk_token: END, bos_token: END, eos_token: END };
/** What a class of tokenizer has where its file does not say. */
const DEFAULTS: ReadonlyMap<Json | undefined, SpecialTokens> = new Map([
  ["Qwen2Tokenizer", QWEN],
  ["Qwen2TokenizerFast", QWEN],
  ["GPT2Tokenizer", GPT2],
  ["GPT2TokenizerFast", GPT2],
]);

const MOST_BYTES = 2 ** 26;

/**
 * Those of a folder: what tokenizer_config.json says, else what its class of tokenizer has, which for a Qwen2 model is
 * Qwen2Tokenizer whatever the file says; special_tokens_map.json, of older folders, goes before both unless
 * `added_tokens_decoder` is there. `names` are the files of the folder.
 *
 * throws   LimitError E_LIMIT_TOKENIZER; FormatError E_JSON_*, E_TOK_ADDED for one that is no text; as `readInside` does
 * source   transformers tokenization_utils_base.py: _from_pretrained, special_tokens_map
 */
export function readSpecialTokens(folder: string, names: ReadonlySet<string>): SpecialTokens {
  const object = (name: string): JsonObject => {
    if (!names.has(name)) return new Map<string, Json>();
    const path = join(folder, name);
    return as(readJson(readInside(folder, name, MOST_BYTES, "E_LIMIT_TOKENIZER"), path), "object", "", path);
  };
  const config = object("tokenizer_config.json");
  const ofModel = object("config.json").get("model_type") === "qwen2";
  return {
    ...(ofModel ? QWEN : DEFAULTS.get(config.get("tokenizer_class"))),
    ...named(config, join(folder, "tokenizer_config.json")),
    ...(config.has("added_tokens_decoder")
      ? {}
      : named(object("special_tokens_map.json"), join(folder, "special_tokens_map.json"))),
  };
}

/** The names that a file has: a text each, an object with its content, or null for none. */
function named(file: JsonObject, path: string): SpecialTokens {
  const place = { path, code: "E_TOK_ADDED" };
  return Object.fromEntries(
    NAMES.filter((name) => file.has(name)).map((name) => {
      const value = file.get(name);
      if (value === null) return [name, undefined];
      return value instanceof Map
        ? [name, as(value.get("content"), "string", "content", { ...place, inside: name })]
        : [name, as(value, "string", name, place)];
    }),
  );
}

/** Those of a GGUF file, which has their ids. */
export function ggufSpecialTokens(file: Gguf): SpecialTokens {
  const tokens = file.metadata.get("tokenizer.ggml.tokens")?.value;
  const all = NAMES.map((name) => {
    const id = file.metadata.get(`tokenizer.ggml.${GGUF_NAMES[name]}`)?.value;
    const content: unknown = Array.isArray(tokens) && typeof id === "number" ? tokens[id] : undefined;
    return [name, typeof content === "string" ? content : undefined] as const;
  });
  return Object.fromEntries(all);
}
