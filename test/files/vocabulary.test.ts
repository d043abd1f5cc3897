import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { placeTokens, readTokenizerJson } from "../../src/files/vocabulary.ts";
import { ALPHABET } from "../../src/text/bytes.ts";
import { GPT2_PATTERN, QWEN2_PATTERN } from "../../src/text/split.ts";
import { Tokenizer } from "../../src/text/tokenizer.ts";
import { goldenPath } from "../support/golden.ts";

const path = goldenPath("model/tiny/tokenizer.json");
const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
const split = { type: "Split", pattern: { Regex: QWEN2_PATTERN }, behavior: "Isolated", invert: false };
const vocab = Object.fromEntries([...ALPHABET, "ab"].map((token, id) => [token, id]));
const think = { id: 257, content: "<think>", special: false, ...flags };

/** A small tokenizer.json in Qwen's form. */
const file = {
  version: "1.0",
  truncation: null,
  padding: null,
  added_tokens: [think],
  normalizer: { type: "NFC" },
  pre_tokenizer: { type: "Sequence", pretokenizers: [split, byteLevel] },
  post_processor: null,
  decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: "BPE",
    dropout: null,
    unk_token: null,
    byte_fallback: false,
    ignore_merges: false,
    vocab,
    merges: [["a", "b"]],
  },
};
const read = (change: object) => readTokenizerJson(JSON.stringify({ ...file, ...change }), "tokenizer.json");
const model = (change: object) => ({ model: { ...file.model, ...change } });

test("the embedded model's tokenizer.json is read", () => {
  const found = readTokenizerJson(readFileSync(path), path);
  expect([found.tokens.length, found.merges.length, found.added.length]).toEqual([532, 250, 26]);
  expect([found.pattern, found.nfc, found.merges[0]]).toEqual(["qwen2", true, "\u0120 t"]);
  expect(found.added.filter(({ special }) => special).length).toBe(14);
});

test("merges are read in both spellings", () => {
  expect(read(model({ merges: [["a", "b"]] })).merges).toEqual(["a b"]);
  expect(read(model({ merges: ["a b"] })).merges).toEqual(["a b"]);
});

test("SmolLM2's and GPT-2's pre-tokenizers are known, and a text without a normalizer stays as it is", () => {
  const bytes = { ...byteLevel, use_regex: true };
  const digits = { type: "Sequence", pretokenizers: [{ type: "Digits", individual_digits: true }, bytes] };
  expect(read({ pre_tokenizer: digits, normalizer: null })).toMatchObject({ pattern: "smollm", nfc: false });
  expect(read({ pre_tokenizer: bytes }).pattern).toBe("gpt2");
});

test("a post-processor that adds nothing is passed over", () => {
  const template = { type: "TemplateProcessing", single: [], pair: [], special_tokens: {} };
  for (const post_processor of [template, byteLevel]) expect(read({ post_processor }).merges).toEqual(["a b"]);
});

test("`__proto__` is a token like any other", () => {
  const text = JSON.stringify({ ...file, added_tokens: [] }).replace('"ab":256', '"ab":256,"__proto__":257');
  const found = readTokenizerJson(text, "tokenizer.json");
  expect(found.tokens[257]).toBe("__proto__");
  expect(new Tokenizer(found).id("__proto__")).toBe(257);
});

const pre = (pre_tokenizer: unknown) => ({ pre_tokenizer });
const sequence = (...pretokenizers: unknown[]) => pre({ type: "Sequence", pretokenizers });

const refused: [code: string, what: string, change: object][] = [
  ["E_TOK_VOCAB", "two tokens with one id", model({ vocab: { ...vocab, xy: 256 } })],
  ["E_TOK_VOCAB", "a gap in the ids", model({ vocab: { ...vocab, xy: 300 } })],
  ["E_TOK_VOCAB", "a negative id", model({ vocab: { ...vocab, ab: -1 } })],
  ["E_TOK_VOCAB", "an id that is no integer", model({ vocab: { ...vocab, ab: 1.5 } })],
  ["E_TOK_VOCAB", "an id above 2^31", model({ vocab: { ...vocab, ab: 2 ** 32 } })],
  ["E_TOK_VOCAB", "an id in quotes", model({ vocab: { ...vocab, ab: "256" } })],
  ["E_TOK_VOCAB", "no vocabulary", model({ vocab: undefined })],
  ["E_TOK_VOCAB", "a gap before an added token", { added_tokens: [{ ...think, id: 259 }] }],
  ["E_TOK_MERGES", "no merges", model({ merges: undefined })],
  ["E_TOK_MERGES", "a merge without a space", model({ merges: ["ab"] })],
  ["E_TOK_MERGES", "a merge of three", model({ merges: [["a", "b", "c"]] })],
  ["E_TOK_MERGES", "a merge with a space in a token", model({ merges: [["a ", "b"]] })],
  ["E_TOK_MERGES", "merges in two spellings", model({ merges: ["a b", ["a", "b"]] })],
  ["E_TOK_MERGES", "more than 2^20 merges", model({ merges: new Array(2 ** 20 + 1).fill("a b") })],
  ["E_TOK_REGEX", "another pattern", sequence({ ...split, pattern: { Regex: "(a+)+$" } }, byteLevel)],
  ["E_TOK_REGEX", "GPT-2's pattern as Qwen's", sequence({ ...split, pattern: { Regex: GPT2_PATTERN } }, byteLevel)],
  ["E_TOK_REGEX", "a pattern that is a plain string", sequence({ ...split, pattern: { String: " " } }, byteLevel)],
  ["E_TOK_UNSUPPORTED", "a split that removes", sequence({ ...split, behavior: "Removed" }, byteLevel)],
  ["E_TOK_UNSUPPORTED", "an inverted split", sequence({ ...split, invert: true }, byteLevel)],
  [
    "E_TOK_UNSUPPORTED",
    "digits in groups",
    sequence({ type: "Digits", individual_digits: false }, { ...byteLevel, use_regex: true }),
  ],
  ["E_TOK_UNSUPPORTED", "a prefix space", pre({ ...byteLevel, use_regex: true, add_prefix_space: true })],
  ["E_TOK_UNSUPPORTED", "Split and GPT-2's pattern together", sequence(split, { ...byteLevel, use_regex: true })],
  ["E_TOK_UNSUPPORTED", "three pre-tokenizers", sequence(split, split, byteLevel)],
  ["E_TOK_UNSUPPORTED", "no pre-tokenizer", pre(null)],
  ["E_TOK_UNSUPPORTED", "an empty sequence", sequence()],
  ["E_TOK_UNSUPPORTED", "Metaspace", pre({ type: "Metaspace", replacement: "_" })],
  ["E_TOK_UNSUPPORTED", "ByteLevel without a pattern", pre(byteLevel)],
  ["E_TOK_UNSUPPORTED", "another normalizer", { normalizer: { type: "NFKC" } }],
  ["E_TOK_UNSUPPORTED", "a sequence of normalizers", { normalizer: { type: "Sequence", normalizers: [] } }],
  ["E_TOK_UNSUPPORTED", "another decoder", { decoder: { type: "Metaspace" } }],
  ["E_TOK_UNSUPPORTED", "no decoder", { decoder: null }],
  [
    "E_TOK_UNSUPPORTED",
    "a template with a token",
    { post_processor: { type: "TemplateProcessing", special_tokens: { "<s>": {} } } },
  ],
  ["E_TOK_UNSUPPORTED", "another post-processor", { post_processor: { type: "BertProcessing" } }],
  ["E_TOK_UNSUPPORTED", "another model", model({ type: "Unigram" })],
  ["E_TOK_UNSUPPORTED", "no model", { model: null }],
  ["E_TOK_UNSUPPORTED", "dropout", model({ dropout: 0.1 })],
  ["E_TOK_UNSUPPORTED", "ignore_merges", model({ ignore_merges: true })],
  ["E_TOK_UNSUPPORTED", "byte_fallback", model({ byte_fallback: true })],
  ["E_TOK_UNSUPPORTED", "an unknown token", model({ unk_token: "<unk>" })],
  ["E_TOK_UNSUPPORTED", "an added token that strips", { added_tokens: [{ ...think, lstrip: true }] }],
  ["E_TOK_UNSUPPORTED", "an added token that is a whole word", { added_tokens: [{ ...think, single_word: true }] }],
  ["E_TOK_ADDED", "an added token without an id", { added_tokens: [{ ...think, id: undefined }] }],
  ["E_TOK_ADDED", "an added token that is no object", { added_tokens: ["<think>"] }],
];

test.each(refused)("%s: %s is refused", (code, _, change) => {
  expect(() => read(change)).toThrow(expect.objectContaining({ name: "FormatError", code }));
});

test("a file above 64 MiB is refused unread", () => {
  expect(() => readTokenizerJson(new Uint8Array(2 ** 26 + 1), "tokenizer.json")).toThrow(
    expect.objectContaining({ name: "LimitError", code: "E_LIMIT_TOKENIZER" }),
  );
});

test("the messages name the part, what it may be, and what it is", () => {
  const hint = "Only the tokenizers of Qwen2 and SmolLM2 are implemented.";
  expect(() => read({ normalizer: { type: "NFKC" } })).toThrow(
    `tokenizer.json: expected normalizer NFC or none, got "NFKC". ${hint}`,
  );
  expect(() => read({ added_tokens: [{ ...think, lstrip: true }] })).toThrow(
    `tokenizer.json: expected lstrip of the added token "<think>" false, got true. ${hint}`,
  );
  expect(() => read(model({ vocab: { ...vocab, xy: 256 } }))).toThrow(
    'tokenizer.json: expected ids 0 to 258, each for one token, got 256 for "xy" and for "ab". Get the tokenizer\'s files again.',
  );
});

test("added tokens fill the ids that the vocabulary leaves", () => {
  const ids = new Map([
    ["a", 0],
    ["b", 2],
  ]);
  expect(placeTokens(ids, [{ id: 1, content: "<x>", special: true }], "p")).toEqual(["a", undefined, "b"]);
});
