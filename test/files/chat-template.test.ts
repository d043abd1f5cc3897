import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ggufTemplate, readChatTemplate } from "../../src/files/chat-template.ts";
import { readGguf } from "../../src/files/gguf.ts";
import { codeOf } from "../support/codes.ts";
import { temporaryFolder } from "../support/checkpoints.ts";
import { gguf, inMemory } from "../support/gguf.ts";
import { goldenPath } from "../support/golden.ts";

function folder(files: Record<string, string | Uint8Array>): () => string | undefined {
  const path = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return () => readChatTemplate(path, new Set(readdirSync(path)));
}

const config = (chat_template: unknown) => JSON.stringify({ chat_template, model_max_length: 1e30 });

describe("readChatTemplate", () => {
  it("finds QwQ's template in a folder saved by Hugging Face", () => {
    const tiny = goldenPath("model/tiny");
    expect(readChatTemplate(tiny, new Set(readdirSync(tiny)))).toBe(
      readFileSync(goldenPath("text/templates/qwq-32b.jinja"), "utf8"),
    );
  });

  it("takes the file before the field, byte for byte", () => {
    expect(folder({ "chat_template.jinja": "a\r\n\u2028é", "tokenizer_config.json": config("b") })()).toBe(
      "a\r\n\u2028é",
    );
  });

  it("takes the one called default where there are several", () => {
    const named = [
      { name: "tool_use", template: "t" },
      { name: "default", template: "d" },
    ];
    expect(folder({ "tokenizer_config.json": config(named) })()).toBe("d");
    expect(codeOf(folder({ "tokenizer_config.json": config([named[0]]) }))).toBe("E_TPL_SCHEMA");
  });

  it("a folder may have none", () => {
    expect(folder({})()).toBeUndefined();
    expect(folder({ "tokenizer_config.json": "{}" })()).toBeUndefined();
    expect(folder({ "tokenizer_config.json": config(null) })()).toBeUndefined();
  });

  it.each<[string, Record<string, string | Uint8Array>, string]>([
    ["a number", { "tokenizer_config.json": config(1) }, "E_TPL_SCHEMA"],
    ["a list of texts", { "tokenizer_config.json": config(["a"]) }, "E_TPL_SCHEMA"],
    ["no UTF-8", { "chat_template.jinja": Uint8Array.of(0xff) }, "E_TPL_UTF8"],
    ["a text of more than 1 MiB", { "chat_template.jinja": "x".repeat(2 ** 20 + 1) }, "E_LIMIT_TEMPLATE"],
  ])("%s", (_, files, code) => expect(codeOf(folder(files))).toBe(code));
});

describe("ggufTemplate", () => {
  const read = (type: "string" | "uint32", value: string | number) =>
    ggufTemplate(readGguf(inMemory(gguf({ pairs: [{ key: "tokenizer.chat_template", type, value }] }))));

  it("is the text in the metadata", () => {
    expect(read("string", "{{ a }}")).toBe("{{ a }}");
    expect(ggufTemplate(readGguf(inMemory(gguf({}))))).toBeUndefined();
    expect(codeOf(() => read("uint32", 1))).toBe("E_TPL_SCHEMA");
  });
});
