/**
 * The vocabulary in a GGUF file's metadata: tokens, their kinds, and merges, as arrays beside each other.
 */
import { FormatError } from "../errors.ts";
import type { AddedToken, Vocabulary } from "../text/vocabulary.ts";
import type { Gguf } from "./gguf.ts";
import { quote } from "../json/quote.ts";
import { readMerges } from "./vocabulary.ts";

/** How `tokenizer.ggml.pre` names the ways to cut text. */
const PATTERNS: ReadonlyMap<unknown, Vocabulary["pattern"]> = new Map([
  ["qwen2", "qwen2"],
  ["smollm", "smollm"],
  ["gpt-2", "gpt2"],
]);

/** Kinds of token (`tokenizer.ggml.token_type`); 2 is the unknown token, 6 a single byte: byte-level BPE has neither. */
const NORMAL = 1;
const CONTROL = 3; // special
const USER_DEFINED = 4; // added, not special
const UNUSED = 5; // fills up the embedding

/**
 * Reads the tokenizer's keys; `undefined` where the file has none.
 *
 * throws   FormatError E_TOK_UNSUPPORTED for a model that is not byte-level BPE, another pre-tokenizer, or a token to be
 *          put before each text; E_TOK_VOCAB for arrays of the wrong element or length; E_TOK_MERGES
 * source   llama.cpp: gguf-py constants, TokenType; llama-vocab.cpp
 */
export function readGgufVocabulary(file: Gguf): Vocabulary | undefined {
  const { path } = file;
  const scalar = (key: string) => file.metadata.get(`tokenizer.ggml.${key}`)?.value;
  if (scalar("model") === undefined) return undefined;
  const pattern = PATTERNS.get(scalar("pre"));
  if (scalar("model") !== "gpt2") throw unsupported(path, "model", "gpt2", scalar("model"));
  if (pattern === undefined) throw unsupported(path, "pre", [...PATTERNS.keys()].join(", "), scalar("pre"));
  for (const key of ["add_bos_token", "add_eos_token", "add_space_prefix"]) {
    if ((scalar(key) ?? false) !== false) throw unsupported(path, key, "false", scalar(key));
  }
  const tokens = texts(file, "tokens", "E_TOK_VOCAB");
  const kinds = readKinds(file, tokens.length);
  const added: AddedToken[] = [];
  const found = tokens.map((content, id) => {
    const kind = kinds[id]!;
    if (kind === CONTROL || kind === USER_DEFINED) added.push({ id, content, special: kind === CONTROL });
    return kind === UNUSED ? undefined : content;
  });
  const merges = readMerges(texts(file, "merges", "E_TOK_MERGES"), path);
  return { tokens: found, merges, added, pattern, nfc: pattern === "qwen2" };
}

function texts(file: Gguf, key: string, code: string): string[] {
  const entry = file.metadata.get(`tokenizer.ggml.${key}`);
  if (entry?.type === "array") {
    const strings = entry.value.filter((value) => typeof value === "string");
    if (strings.length === entry.value.length) return strings;
  }
  throw damaged(file.path, code, `"tokenizer.ggml.${key}" to be an array of strings`, entry?.type ?? "nothing");
}

function readKinds(file: Gguf, count: number): readonly number[] {
  const key = "tokenizer.ggml.token_type";
  const entry = file.metadata.get(key);
  const kinds = entry?.type === "array" ? entry.value.filter((value) => typeof value === "number") : [];
  if (kinds.length !== count || (entry?.type === "array" && entry.value.length !== count)) {
    throw damaged(file.path, "E_TOK_VOCAB", `"${key}" to be ${count} integers, one a token`, `${kinds.length}`);
  }
  const other = kinds.find((kind) => ![NORMAL, CONTROL, USER_DEFINED, UNUSED].includes(kind));
  if (other === undefined) return kinds;
  throw unsupported(file.path, "token_type", "1, 3, 4 or 5", other);
}

function damaged(path: string, code: string, expected: string, actual: string): FormatError {
  return new FormatError(code, path, { path, expected, actual, hint: "The file is damaged; get it again." });
}

function unsupported(path: string, key: string, expected: string, value: unknown): FormatError {
  return new FormatError("E_TOK_UNSUPPORTED", path, {
    path,
    expected: `tokenizer.ggml.${key} to be ${expected}`,
    actual: typeof value === "string" ? quote(value) : value === undefined ? "nothing" : String(value),
    hint: "Only the tokenizers of Qwen2 and SmolLM2 are implemented.",
  });
}
