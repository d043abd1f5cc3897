/** tokenizer.json, and the tokenizer that it makes: a text there and back. Small, so that many fit into a minute. */
import { readTokenizerJson } from "../../../src/files/vocabulary.ts";
import { ALPHABET } from "../../../src/text/bytes.ts";
import { QWEN2_PATTERN } from "../../../src/text/split.ts";
import { Tokenizer } from "../../../src/text/tokenizer.ts";
import { jsonTarget } from "../target.ts";

const LETTERS = ["a", "b", "c", "Ġ", "ab", "abc", "Ġa"];
const BYTE_LEVEL = { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: true };
const QWEN = {
  type: "Sequence",
  pretokenizers: [
    { type: "Split", pattern: { Regex: QWEN2_PATTERN }, behavior: "Isolated", invert: false },
    { ...BYTE_LEVEL, use_regex: false },
  ],
};
const SMOLLM = { type: "Sequence", pretokenizers: [{ type: "Digits", individual_digits: true }, BYTE_LEVEL] };

/** An added token. */
function added(id: number, content: string, special = true): object {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special };
}

/** The file of a tokenizer with these tokens. */
function file(tokens: readonly string[], merges: readonly unknown[], more: object): string {
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const options = {
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: "",
    byte_fallback: false,
    fuse_unk: false,
  };
  const end = { id: tokens.length, content: "<|end|>" };
  return JSON.stringify({
    version: "1.0",
    truncation: null,
    added_tokens: [added(end.id, end.content), added(end.id + 1, "<think>", false)],
    normalizer: { type: "NFC" },
    pre_tokenizer: BYTE_LEVEL,
    post_processor: { ...BYTE_LEVEL },
    decoder: BYTE_LEVEL,
    model: { type: "BPE", ...options, vocab, merges },
    ...more,
  });
}

const DOCUMENTS = [
  file(LETTERS, ["a b", "ab c", "Ġ a"], {}),
  file(
    LETTERS,
    [
      ["a", "b"],
      ["ab", "c"],
    ],
    { pre_tokenizer: SMOLLM, normalizer: null },
  ),
  file([...LETTERS, "__proto__"], [], { added_tokens: [], post_processor: null }),
  file(ALPHABET, [], { pre_tokenizer: QWEN }),
];

const EXTRA = [
  ...[
    '"a b"',
    '"a"',
    '["a","b"]',
    '["a"]',
    '"a  b"',
    '"ab ab"',
    '"x y"',
    "7",
    "8",
    "9",
    "100",
    "4294967296",
    '"(a+)+$"',
    '"NFKC"',
  ],
  ...[
    '"WordPiece"',
    '"Metaspace"',
    '"TemplateProcessing"',
    '"Removed"',
    '{"type":"NFC"}',
    `"${"y".repeat(4097)}"`,
    '"<|end|>"',
  ],
];

const TEXT = "abc <think>a bab<|end|> 12 é\u0301";

export const tokenizer = jsonTarget("tokenizer", DOCUMENTS, EXTRA, (bytes) => {
  const made = new Tokenizer(readTokenizerJson(bytes, "tokenizer.json"), "tokenizer.json");
  made.decode(made.encode(TEXT));
  made.encode(TEXT, { special: false });
});
