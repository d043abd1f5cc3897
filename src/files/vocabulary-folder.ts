/**
 * The vocabulary of a model's folder: tokenizer.json where there is one; else vocab.json with merges.txt, the older form,
 * whose added tokens stand in tokenizer_config.json or added_tokens.json.
 */
import { join } from "node:path";
import { FormatError } from "../errors.ts";
import type { AddedToken, Vocabulary } from "../text/vocabulary.ts";
import { type Json, type JsonObject, readJson } from "../json/json.ts";
import { as, describe, field, optional } from "../json/fields.ts";
import { readInside } from "./paths.ts";
import { quote } from "../json/quote.ts";
import { decodeUtf8 } from "../json/utf8.ts";
import { placeTokens, readAddedToken, readMerges, readTokenizerJson } from "./vocabulary.ts";

const FILE_LIMIT = 64 * 2 ** 20;

/**
 * Reads what the folder has; `undefined` if that is no tokenizer. `names` are the files of the folder.
 *
 * throws   LimitError E_LIMIT_TOKENIZER above 64 MiB; FormatError as readTokenizerJson; as `readInside` does
 * source   transformers 5.23: TokenizersBackend, Qwen2Tokenizer
 */
export function readFolderVocabulary(folder: string, names: ReadonlySet<string>): Vocabulary | undefined {
  const bytes = (name: string) => readInside(folder, name, FILE_LIMIT, "E_LIMIT_TOKENIZER");
  if (names.has("tokenizer.json")) return readTokenizerJson(bytes("tokenizer.json"), join(folder, "tokenizer.json"));
  if (!names.has("vocab.json") || !names.has("merges.txt")) return undefined;
  const object = (name: string): JsonObject => {
    if (!names.has(name)) return new Map<string, Json>();
    const path = join(folder, name);
    return as(readJson(bytes(name), path), "object", "", { path, code: "E_TOK_VOCAB" });
  };
  const config = object("tokenizer_config.json");
  const at = join(folder, "tokenizer_config.json");
  const pattern = patternOf(config, at);
  const ids = object("vocab.json");
  const marked = new Set([...specials(config), ...specials(object("special_tokens_map.json"))]);
  const decoder = optional(config, "added_tokens_decoder", "object", { path: at, code: "E_TOK_ADDED" });
  const added =
    decoder === undefined
      ? plainAdded(object("added_tokens.json"), marked, join(folder, "added_tokens.json"))
      : describedAdded(decoder, at);
  const merges = join(folder, "merges.txt");
  return {
    tokens: placeTokens(ids, added, join(folder, "vocab.json")),
    merges: readMergesText(decodeUtf8(bytes("merges.txt"), merges, "E_TOK"), merges),
    added,
    pattern,
    nfc: pattern === "qwen2",
  };
}

/** Without tokenizer.json, the class says how text is cut. */
const CLASSES: ReadonlyMap<Json | undefined, Vocabulary["pattern"]> = new Map([
  [undefined, "qwen2"],
  ["Qwen2Tokenizer", "qwen2"],
  ["Qwen2TokenizerFast", "qwen2"],
  ["GPT2Tokenizer", "gpt2"],
  ["GPT2TokenizerFast", "gpt2"],
]);

function patternOf(config: JsonObject, path: string): Vocabulary["pattern"] {
  const name = config.get("tokenizer_class");
  const pattern = CLASSES.get(name);
  if (pattern !== undefined && config.get("add_prefix_space") !== true && config.get("add_bos_token") !== true) {
    return pattern;
  }
  throw new FormatError("E_TOK_UNSUPPORTED", path, {
    path,
    expected: "tokenizer_class Qwen2Tokenizer or GPT2Tokenizer, add_prefix_space and add_bos_token false",
    actual: pattern === undefined ? describe(name) : "one of the two true",
    hint: "Only the tokenizers of Qwen2 and SmolLM2 are implemented; a tokenizer.json may say more.",
  });
}

/** The rest of a merges.txt: "left right" a line, after a line with the version. */
function readMergesText(text: string, path: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines[0]?.startsWith("#version") === true) lines.shift();
  if (lines.at(-1) === "") lines.pop();
  return readMerges(lines, path);
}

/** `added_tokens_decoder`: an id as text, and what the token is. */
function describedAdded(decoder: JsonObject, path: string): AddedToken[] {
  return [...decoder].map(([key, value]) => {
    const place = { path, code: "E_TOK_ADDED", inside: "added_tokens_decoder" };
    if (/^(?:0|[1-9][0-9]{0,9})$/.test(key)) return readAddedToken(Number(key), as(value, "object", key, place), path);
    const hint = "Get the tokenizer's files again.";
    throw new FormatError("E_TOK_ADDED", path, { path, expected: "keys that are ids", actual: quote(key), hint });
  });
}

/** added_tokens.json: contents and ids alone; which are special stands elsewhere. */
function plainAdded(ids: JsonObject, marked: ReadonlySet<string>, path: string): AddedToken[] {
  return [...ids.keys()].map((content) => {
    const special = marked.has(content);
    const id = field(ids, content, "integer", { path, code: "E_TOK_ADDED" });
    return { id, content, special, normalized: !special };
  });
}

const NAMED = ["bos_token", "eos_token", "unk_token", "pad_token"];
const LISTED = ["additional_special_tokens", "extra_special_tokens"];

/** Contents that a file calls special: a text, or an object with one. */
function specials(file: JsonObject): string[] {
  const values = [...NAMED.map((key) => file.get(key)), ...LISTED.flatMap((key) => file.get(key))];
  return values.flatMap((value) => {
    const content = value instanceof Map ? value.get("content") : value;
    return typeof content === "string" ? [content] : [];
  });
}
