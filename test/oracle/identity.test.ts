import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { identify } from "../../src/oracle/identity.ts";
import { ggufModel } from "../support/checkpoints.ts";
import { temporaryFolder } from "../support/folder.ts";
import { TINY } from "../support/cli.ts";

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

describe("identify", () => {
  it("hashes a folder's config, tokenizer and template", () => {
    const checkpoint = openCheckpoint(TINY);
    expect(identify(checkpoint)).toEqual({
      id: "tiny",
      revision: undefined,
      config_sha256: sha256(readFileSync(join(TINY, "config.json"))),
      tokenizer_sha256: sha256(readFileSync(join(TINY, "tokenizer.json"))),
      template_sha256: sha256(checkpoint.template!),
    });
  });

  it("names a model of Hugging Face's cache by its repository and commit", () => {
    const snapshot = join(temporaryFolder(), "models--Qwen--QwQ-32B/snapshots/976055f8");
    mkdirSync(snapshot, { recursive: true });
    cpSync(TINY, snapshot, { recursive: true });
    expect(identify(openCheckpoint(snapshot))).toMatchObject({ id: "Qwen/QwQ-32B", revision: "976055f8" });
  });

  it("has no hashes of a GGUF file without a template", () => {
    const path = join(temporaryFolder(), "small.gguf");
    writeFileSync(path, ggufModel());
    expect(JSON.stringify(identify(openCheckpoint(path)))).toBe('{"id":"small.gguf"}');
  });
});
