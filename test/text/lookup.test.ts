import { expect, test } from "vitest";
import { ALPHABET } from "../../src/text/bytes.ts";
import { lookup } from "../../src/text/lookup.ts";
import type { Vocabulary } from "../../src/text/vocabulary.ts";

const BYTES: Vocabulary = { tokens: ALPHABET, merges: [], added: [], pattern: "qwen2", nfc: true };
const token = { id: 256, content: "<x>", special: true };

test("bytes, merges and added tokens are found by what they are", () => {
  const found = lookup({ ...BYTES, tokens: [...ALPHABET, "ab"], merges: ["a b"], added: [{ ...token, id: 300 }] }, "v");
  expect(found.bytes).toEqual(ALPHABET.map((_, id) => id));
  expect(found.merges.apply([found.ids.get("a")!, found.ids.get("b")!])).toEqual([256]);
  expect(found.addedById.get(300)?.content).toBe("<x>");
  expect(found.size).toBe(301);
});

test("ids at the end that no token has do not count", () => {
  expect(lookup({ ...BYTES, tokens: [...ALPHABET, undefined, undefined] }, "v").size).toBe(256);
});

test("`__proto__` is a token like any other", () => {
  expect(lookup({ ...BYTES, tokens: [...ALPHABET, "__proto__"] }, "v").ids.get("__proto__")).toBe(256);
});

const refused: [code: string, what: string, change: Partial<Vocabulary>][] = [
  ["E_TOK_BYTES", "a byte without a token", { tokens: ALPHABET.slice(1) }],
  ["E_TOK_VOCAB", "a token with two ids", { tokens: [...ALPHABET, "a"] }],
  ["E_TOK_MERGES", "a merge of an unknown token", { merges: ["a ab"] }],
  ["E_TOK_MERGES", "a merge into an unknown token", { merges: ["a b"] }],
  ["E_TOK_MERGES", "a merge without a space", { tokens: [...ALPHABET, "ab"], merges: ["ab"] }],
  ["E_TOK_ADDED", "an added token without content", { added: [{ ...token, content: "" }] }],
  ["E_TOK_ADDED", "an added token of 5,000 characters", { added: [{ ...token, content: "x".repeat(5000) }] }],
  ["E_TOK_ADDED", "an added token twice", { added: [token, { ...token, id: 257 }] }],
  ["E_TOK_ADDED", "two added tokens with one id", { added: [token, { ...token, content: "<y>" }] }],
  ["E_TOK_ADDED", "an added token with a byte's id", { added: [{ ...token, id: 0 }] }],
];

test.each(refused)("%s: %s is refused", (code, _, change) => {
  expect(() => lookup({ ...BYTES, ...change }, "v")).toThrow(expect.objectContaining({ code }));
});

test("SmolLM2's vocabulary may lack bytes", () => {
  expect(lookup({ ...BYTES, tokens: ALPHABET.slice(1), pattern: "smollm" }, "v").bytes[0]).toBeUndefined();
});

test("the message of a merge says which one, and what to do", () => {
  expect(() => lookup({ ...BYTES, merges: ["a b"] }, "tokenizer.json")).toThrow(
    'tokenizer.json: expected merges of two tokens into a third, all in the vocabulary, got "a b" (merge 0). ' +
      "Get the tokenizer's files again from where the model is from.",
  );
});
