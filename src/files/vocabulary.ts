/**
 * tokenizer.json, as the tokenizers library writes it, to Vocabulary. A tokenizer is a pipeline of parts by name; those
 * that Qwen2 and SmolLM2 do not have are refused by name, since to leave one out would change ids in silence.
 *
 * What only moves offsets (post-processor and decoder of type ByteLevel) or lengths (truncation, padding, which
 * transformers sets anew with every call) changes no id and is not read.
 */
import { FormatError, LimitError } from "../errors.ts";
import { QWEN2_PATTERN } from "../text/split.ts";
import type { AddedToken, Vocabulary } from "../text/vocabulary.ts";
import { type Json, type JsonObject, readJson } from "../json/json.ts";
import { as, describe, field, optional } from "../json/fields.ts";
import { quote } from "../json/quote.ts";

const FILE_LIMIT = 64 * 2 ** 20;
const MERGES_LIMIT = 2 ** 20;
const HINT = "Only the tokenizers of Qwen2 and SmolLM2 are implemented.";

/**
 * Reads the text of tokenizer.json. `path` names it in errors.
 *
 * throws   LimitError E_LIMIT_TOKENIZER above 64 MiB; FormatError: E_JSON_* for what is not strict JSON;
 *          E_TOK_UNSUPPORTED for a part that is not implemented, E_TOK_REGEX for another pattern; E_TOK_VOCAB,
 *          E_TOK_MERGES, E_TOK_ADDED for ids, merges and added tokens that make no sense
 */
export function readTokenizerJson(source: Uint8Array | string, path: string): Vocabulary {
  const file = as(readTokenizerFile(source, path), "object", "", { path, code: "E_TOK_UNSUPPORTED" });
  const model = part(file, "model", path);
  if (model === undefined) throw unsupported(path, "model", "a BPE model", "none");
  checkModel(model, path);
  checkOutput(file, path);
  const ids = field(model, "vocab", "object", { path, code: "E_TOK_VOCAB", inside: "model" });
  const added = readAdded(file, path);
  return {
    tokens: placeTokens(ids, added, path),
    merges: readMerges(field(model, "merges", "array", { path, code: "E_TOK_MERGES", inside: "model" }), path),
    added,
    pattern: readPattern(part(file, "pre_tokenizer", path), path),
    nfc: readNormalizer(part(file, "normalizer", path), path),
  };
}

/** The JSON of a tokenizer's file, whose size is bounded. Throws LimitError E_LIMIT_TOKENIZER, FormatError E_JSON_*. */
export function readTokenizerFile(source: Uint8Array | string, path: string): Json {
  if (source.length > FILE_LIMIT) {
    const [expected, actual] = [`at most ${FILE_LIMIT} bytes`, `${source.length}`];
    throw new LimitError("E_LIMIT_TOKENIZER", path, { path, expected, actual, hint: "Is this a tokenizer's file?" });
  }
  return readJson(source, path);
}

/** An object with a "type", or `undefined` for null. */
function part(object: JsonObject, key: string, path: string): JsonObject | undefined {
  return optional(object, key, "object", { path, code: "E_TOK_UNSUPPORTED", hint: HINT });
}

/** The model's options, with the values that leave byte-level BPE as it is. */
const MODEL: ReadonlyMap<string, readonly (Json | undefined)[]> = new Map([
  ["type", ["BPE", undefined]], // files from before the type was written are BPE where they have merges
  ["dropout", [null, undefined]],
  ["unk_token", [null, undefined]],
  ["continuing_subword_prefix", ["", null, undefined]],
  ["end_of_word_suffix", ["", null, undefined]],
  ["fuse_unk", [false, true, undefined]], // without an unknown token there is nothing to fuse
  ["byte_fallback", [false, undefined]],
  ["ignore_merges", [false, undefined]],
]);

function checkModel(model: JsonObject, path: string): void {
  for (const [key, values] of MODEL) {
    const value = model.get(key);
    if (!values.includes(value)) throw unsupported(path, `model.${key}`, describe(values[0]), describe(value));
  }
}

function readNormalizer(normalizer: JsonObject | undefined, path: string): boolean {
  const type = normalizer?.get("type");
  if (type === undefined && normalizer === undefined) return false;
  if (type === "NFC") return true;
  throw unsupported(path, "normalizer", "NFC or none", describe(type));
}

/** One of the three pre-tokenizers that are implemented: Split and ByteLevel, Digits and ByteLevel, ByteLevel alone. */
function readPattern(pre: JsonObject | undefined, path: string): Vocabulary["pattern"] {
  const parts = pre?.get("type") === "Sequence" ? as(pre.get("pretokenizers"), "array", "pretokenizers", path) : [pre];
  const steps = parts.map((step) => (step instanceof Map ? step : new Map<string, Json>()));
  const types = steps.map((step) => step.get("type"));
  const expected = "Split and ByteLevel, Digits and ByteLevel, or ByteLevel";
  const names = types.map((type) => (typeof type === "string" ? type : describe(type))).join(" and ");
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last?.get("type") !== "ByteLevel" || steps.length > 2) {
    throw unsupported(path, "pre_tokenizer", expected, names === "" ? "none" : names);
  }
  if (last.get("add_prefix_space") !== false) throw unsupported(path, "add_prefix_space", "false", "another value");
  const regex = last.get("use_regex") ?? true;
  if (steps.length === 1 && regex === true) return "gpt2";
  if (types[0] === "Digits" && regex === true) {
    if (first.get("individual_digits") === true) return "smollm";
    throw unsupported(path, "individual_digits", "true", "another value");
  }
  if (types[0] === "Split" && regex === false) return checkSplit(first, path);
  throw unsupported(path, "pre_tokenizer", expected, names);
}

function checkSplit(step: JsonObject, path: string): "qwen2" {
  const pattern = step.get("pattern");
  const regex = pattern instanceof Map ? pattern.get("Regex") : undefined;
  if (regex !== QWEN2_PATTERN) {
    const details = { path, expected: "Qwen2's pattern", actual: describe(regex ?? pattern), hint: HINT };
    throw new FormatError("E_TOK_REGEX", path, details);
  }
  if (step.get("behavior") !== "Isolated")
    throw unsupported(path, "behavior", "Isolated", describe(step.get("behavior")));
  if ((step.get("invert") ?? false) !== false) throw unsupported(path, "invert", "false", "another value");
  return "qwen2";
}

/** What runs after the model: nothing may add tokens, and the decoder must turn bytes back. */
function checkOutput(file: JsonObject, path: string): void {
  const after = part(file, "post_processor", path);
  const tokens = after?.get("special_tokens");
  const type = after?.get("type");
  const adds = type !== "TemplateProcessing" || !(tokens instanceof Map) || tokens.size > 0;
  if (after !== undefined && type !== "ByteLevel" && adds) {
    const actual = type === "TemplateProcessing" ? "a template with tokens of its own" : describe(type);
    throw unsupported(path, "post_processor", "one that adds no tokens", actual);
  }
  const decoder = part(file, "decoder", path);
  if (decoder?.get("type") !== "ByteLevel") {
    throw unsupported(path, "decoder", "ByteLevel", decoder === undefined ? "none" : describe(decoder.get("type")));
  }
}

function readAdded(file: JsonObject, path: string): AddedToken[] {
  const code = "E_TOK_ADDED";
  const entries = optional(file, "added_tokens", "array", { path, code }) ?? [];
  return entries.map((entry, i) => {
    const fields = as(entry, "object", `added_tokens[${i}]`, { path, code });
    const id = field(fields, "id", "integer", { path, code, inside: `added_tokens[${i}]` });
    return readAddedToken(id, fields, path);
  });
}

/** Flags of an added token that would let it take more, or less, than its own characters. */
const FLAGS = ["single_word", "lstrip", "rstrip"];

/** The fields of an added token, here and in tokenizer_config.json alike. Throws E_TOK_ADDED, E_TOK_UNSUPPORTED. */
export function readAddedToken(id: number, fields: JsonObject, path: string): AddedToken {
  const place = { path, code: "E_TOK_ADDED", inside: `added token ${id}` };
  const content = field(fields, "content", "string", place);
  for (const flag of FLAGS) {
    if (optional(fields, flag, "boolean", place) === true) {
      throw unsupported(path, `${flag} of the added token ${quote(content)}`, "false", "true");
    }
  }
  const special = optional(fields, "special", "boolean", place) ?? false;
  return { id, content, special, normalized: optional(fields, "normalized", "boolean", place) ?? !special };
}

/**
 * The tokens by id. Ids must be the integers from 0 without a gap, those of added tokens included, as the library gives
 * them out; otherwise the file's ids are not the model's. Throws E_TOK_VOCAB.
 */
export function placeTokens(ids: JsonObject, added: readonly AddedToken[], path: string): (string | undefined)[] {
  const others = added.filter(({ content }) => !ids.has(content)).map(({ id }) => id);
  const count = ids.size + new Set(others).size;
  const tokens = new Array<string | undefined>(count).fill(undefined);
  const taken = new Uint8Array(count);
  const bad = (actual: string) => {
    const expected = `ids 0 to ${count - 1}, each for one token`;
    return new FormatError("E_TOK_VOCAB", path, { path, expected, actual, hint: "Get the tokenizer's files again." });
  };
  for (const [token, id] of ids) {
    if (typeof id !== "number" || id < 0 || id >= count) throw bad(`${describe(id)} for ${quote(token)}`);
    if (taken[id] === 1) throw bad(`${id} for ${quote(token)} and for ${quote(tokens[id] ?? "")}`);
    tokens[id] = token;
    taken[id] = 1;
  }
  for (const id of others) {
    if (id < 0 || id >= count) throw bad(`${id} for an added token`);
  }
  return tokens;
}

/** Merges as "a b", or as ["a", "b"]: one of the two throughout. Throws E_TOK_MERGES. */
export function readMerges(entries: readonly Json[], path: string): string[] {
  const bad = (expected: string, actual: string) => {
    const hint = "Get the tokenizer's files again.";
    return new FormatError("E_TOK_MERGES", path, { path, expected, actual, hint });
  };
  if (entries.length > MERGES_LIMIT) throw bad(`at most ${MERGES_LIMIT} merges`, `${entries.length}`);
  const pairs = Array.isArray(entries[0]);
  return entries.map((entry, rank) => {
    if (Array.isArray(entry) !== pairs) throw bad("merges in one spelling", `another in merge ${rank}`);
    const text = Array.isArray(entry) && entry.length === 2 ? entry.join(" ") : entry;
    if (typeof text === "string" && /^[^ ]+ [^ ]+$/.test(text)) return text;
    throw bad("merges of two tokens", `${describe(entry)} (merge ${rank})`);
  });
}

function unsupported(path: string, name: string, expected: string, actual: string): FormatError {
  return new FormatError("E_TOK_UNSUPPORTED", path, { path, expected: `${name} ${expected}`, actual, hint: HINT });
}
