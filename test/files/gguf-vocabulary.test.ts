import { expect, test } from "vitest";
import { readGguf } from "../../src/files/gguf.ts";
import { readGgufVocabulary } from "../../src/files/gguf-vocabulary.ts";
import { ALPHABET } from "../../src/text/bytes.ts";
import { Tokenizer } from "../../src/text/tokenizer.ts";
import { gguf, inMemory, type Pair } from "../support/gguf.ts";

const tokens = [...ALPHABET, "ab", "<|im_end|>", "<think>", "[PAD259]"];
const kinds = [...ALPHABET.map(() => 1), 1, 3, 4, 5];

/** The tokenizer's keys as llama.cpp's converter writes them, with changes; `null` leaves a key out. */
function read(change: Record<string, Partial<Pair> | null> = {}) {
  const pairs: Record<string, Omit<Pair, "key"> | null> = {
    model: { type: "string", value: "gpt2" },
    pre: { type: "string", value: "qwen2" },
    tokens: { type: "array", element: "string", value: tokens },
    token_type: { type: "array", element: "int32", value: kinds },
    merges: { type: "array", element: "string", value: ["a b"] },
    add_bos_token: { type: "bool", value: false },
  };
  for (const [key, part] of Object.entries(change)) pairs[key] = part && { ...pairs[key]!, ...part };
  const present = Object.entries(pairs).flatMap(([key, pair]) =>
    pair === null ? [] : [{ key: `tokenizer.ggml.${key}`, ...pair }],
  );
  return readGgufVocabulary(readGguf(inMemory(gguf({ pairs: present }))));
}

test("tokens, merges and added tokens are read, and unused ids have no token", () => {
  const found = read()!;
  expect(found).toMatchObject({ pattern: "qwen2", nfc: true, merges: ["a b"] });
  expect(found.added).toEqual([
    { id: 257, content: "<|im_end|>", special: true },
    { id: 258, content: "<think>", special: false },
  ]);
  const tokenizer = new Tokenizer(found);
  expect([...tokenizer.encode("ab<think><|im_end|>")]).toEqual([256, 258, 257]);
  expect([tokenizer.size, tokenizer.token(259), tokenizer.decode([259])]).toEqual([259, undefined, ""]);
});

test("SmolLM2's way to cut is digits one by one, without NFC", () => {
  expect(read({ pre: { value: "smollm" } })).toMatchObject({ pattern: "smollm", nfc: false });
});

test("a file without a tokenizer has none", () => {
  expect(readGgufVocabulary(readGguf(inMemory(gguf({}))))).toBeUndefined();
});

const refused: [code: string, what: string, change: Record<string, Partial<Pair> | null>][] = [
  ["E_TOK_UNSUPPORTED", "sentencepiece", { model: { value: "llama" } }],
  ["E_TOK_UNSUPPORTED", "another pre-tokenizer", { pre: { value: "llama-bpe" } }],
  ["E_TOK_UNSUPPORTED", "no pre-tokenizer", { pre: null }],
  ["E_TOK_UNSUPPORTED", "two pre-tokenizers", { pre: { type: "array", element: "string", value: ["qwen2"] } }],
  ["E_TOK_UNSUPPORTED", "a token before each text", { add_bos_token: { value: true } }],
  [
    "E_TOK_UNSUPPORTED",
    "a kind of token that byte-level BPE has not",
    { token_type: { value: [...kinds.slice(1), 6] } },
  ],
  ["E_TOK_VOCAB", "tokens that are numbers", { tokens: { element: "int32", value: kinds } }],
  ["E_TOK_VOCAB", "no tokens", { tokens: null }],
  ["E_TOK_VOCAB", "one kind too few", { token_type: { value: kinds.slice(1) } }],
  ["E_TOK_VOCAB", "kinds that are strings", { token_type: { element: "string", value: tokens } }],
  ["E_TOK_VOCAB", "no kinds", { token_type: null }],
  ["E_TOK_MERGES", "no merges", { merges: null }],
  ["E_TOK_MERGES", "a merge without a space", { merges: { value: ["ab"] } }],
];

test.each(refused)("%s: %s is refused", (code, _, change) => {
  expect(() => read(change)).toThrow(expect.objectContaining({ name: "FormatError", code }));
});

test("the message names the key, what it may be, and what it is", () => {
  expect(() => read({ pre: { value: "llama-bpe" } })).toThrow(
    'model.gguf: expected tokenizer.ggml.pre to be qwen2, smollm, gpt-2, got "llama-bpe". ' +
      "Only the tokenizers of Qwen2 and SmolLM2 are implemented.",
  );
});
