import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readFolderVocabulary } from "../../src/files/vocabulary-folder.ts";
import { readTokenizerJson } from "../../src/files/vocabulary.ts";
import { Tokenizer } from "../../src/text/tokenizer.ts";
import { goldenPath } from "../support/golden.ts";

const path = goldenPath("model/tiny/tokenizer.json");
const whole = readTokenizerJson(readFileSync(path), path);
const vocab = JSON.stringify(Object.fromEntries(whole.tokens.slice(0, 506).map((token, id) => [token, id])));
const merges = `#version: 0.2\n${whole.merges.join("\n")}\n`;
const addedTokens = JSON.stringify(Object.fromEntries(whole.added.map(({ content, id }) => [content, id])));
const special = whole.added.filter((token) => token.special).map(({ content }) => content);
const text = "<|im_start|>user\nIt's <think> 42 e\u0301<|im_end|>";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "qwq-vocabulary-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(files: Record<string, string>) {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return readFolderVocabulary(folder, new Set(Object.keys(files)));
}

/** Both ways of encoding. */
function ids(vocabulary: ReturnType<typeof read>): number[][] {
  const tokenizer = new Tokenizer(vocabulary!);
  return [[...tokenizer.encode(text)], [...tokenizer.encode(text, { special: false })]];
}

test("tokenizer.json is read where it is there, and nothing where there is no tokenizer", () => {
  expect(read({ "tokenizer.json": readFileSync(path, "utf8"), "vocab.json": "{}", "merges.txt": "" })).toEqual(whole);
  expect(readFolderVocabulary(folder, new Set(["config.json", "vocab.json"]))).toBeUndefined();
});

test("vocab.json and merges.txt with added_tokens_decoder give the same ids as tokenizer.json", () => {
  const config = readFileSync(goldenPath("model/tiny/tokenizer_config.json"), "utf8");
  const found = read({ "vocab.json": vocab, "merges.txt": merges, "tokenizer_config.json": config });
  expect(ids(found)).toEqual(ids(whole));
});

test("so they do with added_tokens.json, lines that end in \\r\\n, and the special ones named elsewhere", () => {
  const found = read({
    "vocab.json": vocab,
    "merges.txt": merges.replaceAll("\n", "\r\n"),
    "added_tokens.json": addedTokens,
    "special_tokens_map.json": JSON.stringify({
      eos_token: { content: special[0], lstrip: false },
      additional_special_tokens: special.slice(1),
    }),
  });
  expect(ids(found)).toEqual(ids(whole));
  expect(found!.added.filter((token) => token.special).map(({ content }) => content)).toEqual(special);
});

test("GPT2Tokenizer cuts with GPT-2's pattern and leaves characters as they are", () => {
  const config = JSON.stringify({ tokenizer_class: "GPT2Tokenizer" });
  const found = read({ "vocab.json": vocab, "merges.txt": merges, "tokenizer_config.json": config });
  expect(found).toMatchObject({ pattern: "gpt2", nfc: false, added: [] });
});

const refused: [code: string, what: string, files: Record<string, string>][] = [
  ["E_TOK_UNSUPPORTED", "another class", { "tokenizer_config.json": '{"tokenizer_class": "LlamaTokenizer"}' }],
  ["E_TOK_UNSUPPORTED", "a token before each text", { "tokenizer_config.json": '{"add_bos_token": true}' }],
  [
    "E_TOK_ADDED",
    "an added token's key that is no id",
    { "tokenizer_config.json": '{"added_tokens_decoder": {"x": {}}}' },
  ],
  ["E_TOK_ADDED", "an added token with half an id", { "added_tokens.json": '{"<x>": 506.5}' }],
  ["E_TOK_MERGES", "a line of one word", { "merges.txt": "#version: 0.2\nab\n" }],
  ["E_TOK_UTF8", "merges that are not UTF-8", { "merges.txt": "\u0000" }],
  ["E_TOK_VOCAB", "a gap", { "vocab.json": '{"a": 1}' }],
];

test.each(refused)("%s: %s is refused", (code, _, files) => {
  const all = { "vocab.json": vocab, "merges.txt": merges, ...files };
  for (const [name, content] of Object.entries(all)) {
    writeFileSync(join(folder, name), content === "\u0000" ? Buffer.from([0x61, 0x20, 0xff]) : content);
  }
  expect(() => readFolderVocabulary(folder, new Set(Object.keys(all)))).toThrow(expect.objectContaining({ code }));
});
