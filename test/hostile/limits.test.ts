/** Bounds that only large input reaches, and refusals that no single small file does. */
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readInput } from "../../src/cli/input.ts";
import { readChatTemplate } from "../../src/files/chat-template.ts";
import { readGguf } from "../../src/files/gguf.ts";
import { readFolderVocabulary } from "../../src/files/vocabulary-folder.ts";
import { readJson } from "../../src/json/json.ts";
import { renderKnown } from "../../src/text/template.ts";
import { codeOf } from "../support/codes.ts";
import { failure, temporaryFolder } from "../support/folder.ts";
import { gguf, string, u32, u64 } from "../support/gguf.ts";

it("E_LIMIT_HEADER: a GGUF header of more than 128 MiB, which was never in memory whole", () => {
  const text = 16 * 2 ** 20 - 64;
  const pair = (key: string) => Buffer.concat([string(key), u32(8), u64(BigInt(text))]);
  const parts = Array.from({ length: 10 }, (_, i) => pair(`k${i}`));
  const head = gguf({ pairCount: 10n, tensorCount: 0n }).subarray(0, 24);
  const bytes = head.length + parts.reduce((sum, part) => sum + part.length + text, 0);
  /** The bytes of the file, made as they are asked for: the text of each string is spaces. */
  const read = (at: number, length: number) => {
    const piece = Buffer.alloc(length, " ");
    let start = 0;
    for (const part of [head, ...parts]) {
      if (start < at + length && start + part.length > at) {
        const from = Math.max(0, at - start);
        piece.set(part.subarray(from, Math.min(part.length, at + length - start)), start + from - at);
      }
      start += part.length + (part === head ? 0 : text);
    }
    return piece;
  };
  expect(codeOf(() => readGguf({ path: "model.gguf", bytes, read }))).toBe("E_LIMIT_HEADER");
});

it("E_LIMIT_INPUT: a file of messages above 256 MiB", async () => {
  const file = join(temporaryFolder(), "messages.json");
  writeFileSync(file, "");
  truncateSync(file, 2 ** 28 + 1);
  await expect(readInput(file)).rejects.toMatchObject({ code: "E_LIMIT_INPUT" });
});

it("E_LIMIT_JSON: one value more than allowed", () => {
  expect(readJson("[1,2]", "x", { values: 3 })).toEqual([1, 2]);
  expect(codeOf(() => readJson("[1,2,3]", "x", { values: 3 }))).toBe("E_LIMIT_JSON");
});

it("E_TPL_BOM and E_TOK_BOM: a byte order mark before a template and before merges", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "chat_template.jinja"), "\ufeff{{ messages }}");
  expect(codeOf(() => readChatTemplate(folder, new Set(["chat_template.jinja"])))).toBe("E_TPL_BOM");
  writeFileSync(join(folder, "vocab.json"), '{"a":0}');
  writeFileSync(join(folder, "merges.txt"), "\ufeff#version: 0.2\n");
  expect(codeOf(() => readFolderVocabulary(folder, new Set(["vocab.json", "merges.txt"])))).toBe("E_TOK_BOM");
});

it("E_TPL_UNKNOWN: a template that is not known by its text, where it would have to run here", () => {
  const error = failure(() => renderKnown("{{ messages }}", { messages: [{ role: "user", content: "Hi" }] }));
  expect(error.code).toBe("E_TPL_UNKNOWN");
});
