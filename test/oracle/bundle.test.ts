import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type BundleHead, writeBundle } from "../../src/oracle/bundle.ts";
import { record } from "../../src/oracle/record.ts";
import { parseSafetensors } from "../../src/files/safetensors.ts";
import { reference } from "../../src/reference/index.ts";
import { failure, temporaryFolder } from "../support/folder.ts";
import { model } from "../support/models.ts";

const tiny = model("tiny");
const head: BundleHead = {
  role: "reference",
  model: { id: "tiny" },
  producer: { name: "test" },
  policy: "f32",
  input: { ids: [1, 2], text: undefined },
};
const taps = await record(reference, tiny.checkpoint, Uint32Array.of(1, 2), { tier: "full" });

describe("writeBundle", () => {
  it("writes every tap as float32 rows under its name, with the hash of its bytes", () => {
    const path = join(temporaryFolder(), "x.oracle");
    writeBundle(path, head, taps);
    const manifest = JSON.parse(readFileSync(join(path, "manifest.json"), "utf8")) as {
      taps: { name: string; file: string; key: string; sha256: string; shape: number[] }[];
    };
    expect(Object.keys(manifest)).toEqual(["format", "role", "model", "producer", "policy", "input", "taps"]);
    expect(manifest.taps.map(({ name }) => name)).toEqual(taps.map(({ name }) => name));
    const file = join(path, "taps-00001.safetensors");
    const tensors = parseSafetensors(readFileSync(file), file);
    for (const [i, { name, key, sha256, shape }] of manifest.taps.entries()) {
      const { bytes, dtype } = tensors.get(key)!;
      expect([name, dtype, shape]).toEqual([taps[i]!.name, "F32", taps[i]!.data.shape]);
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
      expect(new Float32Array(new Uint8Array(bytes).buffer)).toEqual(taps[i]!.data.data);
    }
  });

  it("writes the same bytes for the same content, and nothing beside the folder", () => {
    const folder = temporaryFolder();
    for (const name of ["a", "b"]) writeBundle(join(folder, name), head, taps);
    expect(readdirSync(folder).sort()).toEqual(["a", "b"]);
    const files = readdirSync(join(folder, "a"));
    expect(files.sort()).toEqual(["manifest.json", "taps-00001.safetensors"]);
    for (const file of files) {
      expect(readFileSync(join(folder, "a", file)).equals(readFileSync(join(folder, "b", file)))).toBe(true);
    }
  });

  it("leaves what is there as it was", () => {
    const folder = temporaryFolder();
    expect(failure(() => writeBundle(folder, head, taps)).code).toBe("E_OUT_EXISTS");
    expect(readdirSync(folder)).toEqual([]);
  });
});
