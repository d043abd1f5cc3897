import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EMBEDDED_MODELS } from "../../src/files/embedded.ts";
import { locate } from "../../src/files/locate.ts";
import { codeOf } from "../support/codes.ts";
import { temporaryFolder } from "../support/checkpoints.ts";

const COMMIT = "976055f8c83f394f35dbd3ab09a285a984907bd0";

/** A cache that holds Qwen/QwQ-32B at one commit, which is "main". */
function cache(): string {
  const hub = temporaryFolder();
  const repository = join(hub, "models--Qwen--QwQ-32B");
  mkdirSync(join(repository, "snapshots", COMMIT), { recursive: true });
  mkdirSync(join(repository, "refs", "pr"), { recursive: true });
  writeFileSync(join(repository, "refs", "main"), COMMIT);
  writeFileSync(join(repository, "refs", "pr", "1"), `${COMMIT}\n`);
  writeFileSync(join(repository, "refs", "evil"), "../../secret");
  mkdirSync(join(hub, "secret"));
  return hub;
}

describe("locate", () => {
  it("the package's own models have names; a folder of that name, and a hub's model, are others", () => {
    for (const [name, { path }] of Object.entries(EMBEDDED_MODELS)) {
      expect(locate(name)).toEqual({ kind: "safetensors", path });
      expect(existsSync(join(path, "model.safetensors")), path).toBe(true);
    }
    expect(codeOf(() => locate(`a/toolcaller`, { HF_HUB_CACHE: cache() }))).toBe("E_IO_OPEN");
    expect(codeOf(() => locate("constructor"))).toBe("E_IO_OPEN");
    const [here, folder] = [process.cwd(), temporaryFolder()];
    mkdirSync(join(folder, "toolcaller"));
    try {
      process.chdir(folder);
      expect(locate("toolcaller")).toEqual({ kind: "safetensors", path: "toolcaller" });
    } finally {
      process.chdir(here);
    }
  });

  it("a folder is a Hugging Face checkpoint, a file that is GGUF by name or by its first bytes is GGUF", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a.gguf"), "");
    writeFileSync(join(folder, "blob"), "GGUF");
    expect(locate(folder)).toEqual({ kind: "safetensors", path: folder });
    expect(locate(join(folder, "a.gguf"))).toEqual({ kind: "gguf", path: join(folder, "a.gguf") });
    expect(locate(join(folder, "blob"))).toEqual({ kind: "gguf", path: join(folder, "blob") });
  });

  it("a name is looked up in the cache: main, or the branch or commit after @", () => {
    const hub = cache();
    const path = join(hub, "models--Qwen--QwQ-32B", "snapshots", COMMIT);
    for (const model of ["Qwen/QwQ-32B", "Qwen/QwQ-32B@main", "Qwen/QwQ-32B@pr/1", `Qwen/QwQ-32B@${COMMIT}`]) {
      expect(locate(model, { HF_HUB_CACHE: hub })).toEqual({ kind: "safetensors", path });
    }
  });

  it("the cache is where HF_HUB_CACHE, HF_HOME or XDG_CACHE_HOME say", () => {
    const home = temporaryFolder();
    const snapshot = join("hub", "models--a--b", "snapshots", "c1");
    mkdirSync(join(home, snapshot), { recursive: true });
    mkdirSync(join(home, "huggingface", snapshot), { recursive: true });
    expect(locate("a/b@c1", { HF_HOME: home }).path).toBe(join(home, snapshot));
    expect(locate("a/b@c1", { XDG_CACHE_HOME: home }).path).toBe(join(home, "huggingface", snapshot));
    expect(locate("a/b@c1", { HF_HUB_CACHE: join(home, "hub"), HF_HOME: "/nowhere" }).path).toBe(join(home, snapshot));
  });

  it.each<[string, string, string]>([
    ["no such path", "/no/such/model", "E_IO_OPEN"],
    ["no such name", "Qwen/Nothing", "E_IO_OPEN"],
    ["no such branch", "Qwen/QwQ-32B@nothing", "E_IO_OPEN"],
    ["a branch that leads out of the cache", "Qwen/QwQ-32B@evil", "E_IO_OPEN"],
    ["a name that leads out of the cache", "Qwen/QwQ-32B@a/../../../b", "E_IO_OPEN"],
    ["nothing", "", "E_PATH_INVALID"],
    ["NUL", "a\0b", "E_PATH_INVALID"],
    ["a pickle", "model.bin", "E_FORMAT_UNSAFE"],
    ["one shard", "model.safetensors", "E_FORMAT_UNKNOWN"],
  ])("%s", (_, model, code) => {
    const folder = cache();
    writeFileSync(join(folder, "model.bin"), "PK\x03\x04");
    writeFileSync(join(folder, "model.safetensors"), "x".repeat(64));
    const path = /^model\./.test(model) ? join(folder, model) : model;
    expect(codeOf(() => locate(path, { HF_HUB_CACHE: folder }))).toBe(code);
  });

  it("a link in a circle is said to be one, and not to be missing", () => {
    const path = join(temporaryFolder(), "loop");
    symlinkSync(path, path);
    expect(() => locate(path)).toThrow(
      `${path}: expected a file that can be opened, got ELOOP. Its links lead in a circle.`,
    );
  });

  it("says what a name that is neither here nor in the cache would have to be", () => {
    expect(() => locate("Qwen/Nothing", { HF_HUB_CACHE: "/cache" })).toThrow(
      'Qwen/Nothing: expected the folder /cache/models--Qwen--Nothing with "main", got nothing. There is no such file here, nor is "Qwen/Nothing" in the cache; download it first.',
    );
  });
});
