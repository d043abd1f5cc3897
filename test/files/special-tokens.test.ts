import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readGguf } from "../../src/files/gguf.ts";
import { ggufSpecialTokens, readSpecialTokens } from "../../src/files/special-tokens.ts";
import { codeOf } from "../support/codes.ts";
import { temporaryFolder } from "../support/checkpoints.ts";
import { gguf, inMemory } from "../support/gguf.ts";

/** What a folder with these files has, read as JSON would show it. */
function read(files: Record<string, unknown>): unknown {
  const path = temporaryFolder();
  for (const [name, value] of Object.entries(files)) writeFileSync(join(path, name), JSON.stringify(value));
  return JSON.parse(JSON.stringify(readSpecialTokens(path, new Set(readdirSync(path)))));
}

const END = "<|endoftext|>";

describe("readSpecialTokens", () => {
  it("takes texts and objects with a content; null is none, also where the class has one", () => {
    const bos = { __type: "AddedToken", content: "<|im_start|>", lstrip: false };
    const config = { bos_token: bos, eos_token: null, pad_token: "p", tokenizer_class: "Qwen2Tokenizer" };
    expect(read({ "tokenizer_config.json": config })).toEqual({
      bos_token: "<|im_start|>",
      pad_token: "p",
      unk_token: END,
    });
  });

  it("takes the class's own where the file is silent; a Qwen2 model has Qwen2Tokenizer, whatever the file says", () => {
    const qwen = { eos_token: END, pad_token: END, unk_token: END };
    const gpt2 = { tokenizer_class: "GPT2Tokenizer" };
    expect(read({ "tokenizer_config.json": { tokenizer_class: "Qwen2TokenizerFast" } })).toEqual(qwen);
    expect(read({ "tokenizer_config.json": gpt2 })).toEqual({ bos_token: END, eos_token: END, unk_token: END });
    expect(read({ "tokenizer_config.json": gpt2, "config.json": { model_type: "qwen2" } })).toEqual(qwen);
    expect(read({ "tokenizer_config.json": {} })).toEqual({});
    expect(read({})).toEqual({});
  });

  it("special_tokens_map.json goes before, but not where added_tokens_decoder is there", () => {
    const map = { eos_token: { content: "b" }, bos_token: "c" };
    const config = { eos_token: "a" };
    expect(read({ "tokenizer_config.json": config, "special_tokens_map.json": map })).toEqual({
      eos_token: "b",
      bos_token: "c",
    });
    const described = { ...config, added_tokens_decoder: {} };
    expect(read({ "tokenizer_config.json": described, "special_tokens_map.json": map })).toEqual(config);
  });

  it.each([7, ["a"], { content: 1 }])("refuses %j", (eos_token) => {
    expect(codeOf(() => read({ "tokenizer_config.json": { eos_token } }))).toBe("E_TOK_ADDED");
  });
});

describe("ggufSpecialTokens", () => {
  const pairs = [
    { key: "tokenizer.ggml.tokens", type: "array", element: "string", value: ["a", "b", "c"] },
    { key: "tokenizer.ggml.bos_token_id", type: "uint32", value: 1 },
    { key: "tokenizer.ggml.padding_token_id", type: "uint32", value: 2 },
    { key: "tokenizer.ggml.eos_token_id", type: "uint32", value: 3 },
  ] as const;

  it("finds contents by their ids; an id without a token is none", () => {
    const special = ggufSpecialTokens(readGguf(inMemory(gguf({ pairs }))));
    expect(JSON.parse(JSON.stringify(special))).toEqual({ bos_token: "b", pad_token: "c" });
  });
});
