import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cacheFolder, holds, parseHubId } from "../../src/files/hub-cache.ts";
import { locate } from "../../src/files/locate.ts";
import { failure, temporaryFolder } from "../support/folder.ts";

/** A folder with these files; a value is its text. */
function folder(files: Record<string, string>): string {
  const made = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(made, name), text);
  return made;
}

const index = JSON.stringify({
  weight_map: { a: "model-00001-of-00002.safetensors", b: "model-00002-of-00002.safetensors" },
});

describe("holds", () => {
  it("text and config ask for less than the model", () => {
    const text = folder({ "config.json": "{}", "tokenizer.json": "{}" });
    expect([holds(text, "config"), holds(text, "text"), holds(text, "model")]).toEqual([true, true, false]);
    const config = folder({ "config.json": "{}" });
    expect([holds(config, "config"), holds(config, "text")]).toEqual([true, false]);
    expect(holds(folder({ "tokenizer.json": "{}" }), "config")).toBe(false);
  });

  it("a model has every shard that its index names, one file of weights, or a GGUF file", () => {
    const some = { "config.json": "{}", "model.safetensors.index.json": index, "model-00001-of-00002.safetensors": "" };
    expect(holds(folder(some), "model")).toBe(false);
    expect(holds(folder({ ...some, "model-00002-of-00002.safetensors": "" }), "model")).toBe(true);
    expect(holds(folder({ "config.json": "{}", "model.safetensors": "" }), "model")).toBe(true);
    expect(holds(folder({ "x.gguf": "" }), "model")).toBe(true);
  });

  it("a link that leads nowhere is no file; an index that is broken is for whoever opens it", () => {
    const dangling = folder({ "config.json": "{}" });
    symlinkSync("../../blobs/gone", join(dangling, "model.safetensors"));
    expect(holds(dangling, "model")).toBe(false);
    expect(holds(folder({ "config.json": "{}", "model.safetensors.index.json": "{" }), "model")).toBe(true);
  });
});

it("a snapshot of GGUF files alone is the one there is; of several, an error names them", () => {
  const cache = temporaryFolder();
  const snapshot = join(cache, "models--a--b", "snapshots", "c1");
  mkdirSync(snapshot, { recursive: true });
  const put = (name: string) => writeFileSync(join(snapshot, name), "");
  put("x-00001-of-00002.gguf");
  put("x-00002-of-00002.gguf");
  const found = { kind: "gguf", path: join(snapshot, "x-00001-of-00002.gguf") };
  expect(locate("a/b@c1", { HF_HUB_CACHE: cache })).toEqual(found);
  put("y.gguf");
  const error = failure(() => locate("a/b@c1", { HF_HUB_CACHE: cache }));
  expect(error.message).toContain("expected one GGUF model, got 2: x-00001-of-00002.gguf, y.gguf. Name the file");
});

it("a hub's names have one slash, perhaps a revision; the cache is in the home unless told", () => {
  expect(parseHubId("a/b@refs/pr/1")).toEqual({ owner: "a", name: "b", revision: "refs/pr/1" });
  for (const text of ["a", "a/b/c", "./a", "../a", "/a", "a/", "a/b@", "a /b"])
    expect(parseHubId(text), text).toBeUndefined();
  expect(cacheFolder({})).toBe(join(homedir(), ".cache/huggingface/hub"));
});
