import { describe, expect, it } from "vitest";
import type { HubFile } from "../../src/hub/hub.ts";
import { matches, matching, needed } from "../../src/hub/select.ts";
import { rejection } from "../support/hub.ts";
import { failure } from "../support/folder.ts";

const file = (path: string): HubFile => ({ path, bytes: 1, algorithm: "git-sha1", hash: path });
const index =
  (...names: string[]) =>
  async () =>
    Buffer.from(JSON.stringify({ weight_map: Object.fromEntries(names.map((name, i) => [`t${i}`, name])) }));
const none = () => Promise.reject(new Error("no index is to be read"));
const names = (files: readonly HubFile[]) => files.map(({ path }) => path);

describe("needed", () => {
  it("is config, tokenizer, template and the shards that the index names, and nothing else", async () => {
    const all = ["README.md", "config.json", "tokenizer.json", "chat_template.jinja", "a.safetensors", "b.safetensors"];
    const files = [...all, "model.safetensors.index.json", "original/config.json", "x.bin", "vocab.json"].map(file);
    expect(names(await needed("r", files, "model", index("b.safetensors")))).toEqual([
      "config.json",
      "tokenizer.json",
      "chat_template.jinja",
      "vocab.json",
      "model.safetensors.index.json",
      "b.safetensors",
    ]);
  });

  it("takes model.safetensors alone where there is one, and every safetensors file without an index", async () => {
    const single = ["config.json", "model.safetensors", "model.safetensors.index.json", "b.safetensors"].map(file);
    expect(names(await needed("r", single, "model", none))).toEqual(["config.json", "model.safetensors"]);
    expect(names(await needed("r", ["a.safetensors", "d/b.safetensors"].map(file), "model", none))).toEqual([
      "a.safetensors",
    ]);
  });

  it("of GGUF files wants to be told which, and refuses pickles", async () => {
    const error = await rejection(needed("org/name", ["a.gguf", "b.gguf"].map(file), "model", none));
    expect(error.message).toBe(
      "org/name: expected safetensors files, got GGUF files: a.gguf, b.gguf. Name one: qwq download org/name --file a.gguf",
    );
    expect((await rejection(needed("r", [file("pytorch_model.bin")], "model", none))).code).toBe("E_FORMAT_UNSAFE");
  });
});

describe("matching", () => {
  it("is by patterns, pickles left out", () => {
    const files = ["a/x-Q4_K_M.gguf", "x-Q8_0.gguf", "pytorch_model.bin", "config.json"].map(file);
    expect(names(matching("r", files, ["*Q4_K_M*"]))).toEqual(["a/x-Q4_K_M.gguf"]);
    expect(names(matching("r", files, ["*"]))).toEqual(["a/x-Q4_K_M.gguf", "x-Q8_0.gguf", "config.json"]);
    expect(failure(() => matching("r", files, ["*.bin"])).code).toBe("E_FORMAT_UNSAFE");
    expect(failure(() => matching("r", files, ["config.json", "*.txt"])).code).toBe("E_ARG_FILE");
  });

  it.each<[string, string, boolean]>([
    ["*", "", true],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["*b*d", "abcbcd", true],
    ["*b*d", "abcbcde", false],
    ["a.gguf", "a_gguf", false],
    ["[a]", "a", false],
    ["*.json", "x/y.json", true],
  ])("%s and %s: %s", (pattern, text, is) => {
    expect(matches(pattern, text)).toBe(is);
  });

  it("a pattern of many stars takes no time", () => {
    expect(matches("*a".repeat(500), "a".repeat(1000) + "b")).toBe(false);
  });
});
