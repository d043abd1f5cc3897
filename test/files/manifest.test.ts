import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { type Manifest, manifestPath, manifestText, readManifest } from "../../src/files/manifest.ts";
import { temporaryFolder, writeFolder } from "../support/checkpoints.ts";
import { codeOf } from "../support/codes.ts";
import { failure } from "../support/folder.ts";

const ZEROS = "0".repeat(64);

function written(text: string): string {
  const path = join(temporaryFolder(), "model.manifest.json");
  fs.writeFileSync(path, text);
  return path;
}

it("is read as it was written", () => {
  const manifest: Manifest = {
    producer: new Map([["qwq", "0.1.0"]]),
    files: new Map([
      ["config.json", { bytes: 2, sha256: ZEROS, header: undefined }],
      ["model.safetensors", { bytes: 99, sha256: ZEROS, header: { bytes: 8, sha256: ZEROS } }],
    ]),
    tensors: new Map([["__proto__", { file: "model.safetensors", dtype: "F32", shape: [2, 3], crc32: "0123abcd" }]]),
  };
  expect(readManifest(written(manifestText(manifest)))).toEqual(manifest);
});

it.each([
  ["another format", { format: "qwq-manifest/2" }, "E_MANIFEST_SCHEMA"],
  ["no files", { files: undefined }, "E_MANIFEST_SCHEMA"],
  ["a file elsewhere", { files: { "../x": { bytes: 1, sha256: ZEROS } } }, "E_MANIFEST_SCHEMA"],
  ["the folder above", { files: { "..": { bytes: 1, sha256: ZEROS } } }, "E_MANIFEST_SCHEMA"],
  ["half a hash", { files: { x: { bytes: 1, sha256: "00" } } }, "E_MANIFEST_SCHEMA"],
  ["a negative size", { files: { x: { bytes: -1, sha256: ZEROS } } }, "E_MANIFEST_SCHEMA"],
  ["a checksum that is a number", { tensors: { x: { file: "x", dtype: "F32", shape: [], crc32: 1 } } }, "E_MANIFEST_SCHEMA"], // prettier-ignore
  ["a shape that is none", { tensors: { x: { file: "x", dtype: "F32", shape: [0.5], crc32: "00000000" } } }, "E_MANIFEST_SCHEMA"], // prettier-ignore
])("refuses %s", (_, change, code) => {
  const path = written(JSON.stringify({ format: "qwq-manifest/1", producer: {}, files: {}, tensors: {}, ...change }));
  expect(codeOf(() => readManifest(path))).toBe(code);
});

it("lies in the folder, or beside the GGUF file under its name", () => {
  expect(manifestPath({ kind: "safetensors", path: "m" }, "m/a.safetensors")).toBe("m/model.manifest.json");
  const parts = manifestPath({ kind: "gguf", path: "m/a-00002-of-00002.gguf" }, "m/a-00001-of-00002.gguf");
  expect(parts).toBe("m/a-00001-of-00002.gguf.manifest.json");
});

describe("when a model is opened", () => {
  /** A model, and its manifest with what `edit` makes of it. */
  function model(edit: (entry: { bytes: number; header: { bytes: number; sha256: string } }) => object | undefined) {
    const path = writeFolder(temporaryFolder());
    const bytes = fs.readFileSync(join(path, "model.safetensors"));
    const head = bytes.subarray(0, 8 + Number(bytes.readBigUInt64LE(0)));
    const header = { bytes: head.length, sha256: createHash("sha256").update(head).digest("hex") };
    const entry = edit({ bytes: bytes.length, header });
    const files = entry === undefined ? {} : { "model.safetensors": { sha256: ZEROS, ...entry } };
    const manifest = { format: "qwq-manifest/1", producer: {}, files, tensors: {} };
    fs.writeFileSync(join(path, "model.manifest.json"), JSON.stringify(manifest));
    return path;
  }
  const opened = (path: string, options = {}) => codeOf(() => openCheckpoint(path, options).close());

  it("its sizes and headers are compared, its tensors not", () => {
    expect(opened(model((entry) => entry))).toBe("nothing");
  });

  it.each<[string, Parameters<typeof model>[0]]>([
    ["another size", (entry) => ({ ...entry, bytes: entry.bytes + 1 })],
    ["another header", (entry) => ({ ...entry, header: { ...entry.header, sha256: ZEROS } })],
    ["a file of weights that is not named", () => undefined],
  ])("%s is E_HASH, unless the manifest is to be left unread", (_, edit) => {
    const path = model(edit);
    expect(opened(path)).toBe("E_HASH");
    expect(opened(path, { manifest: false })).toBe("nothing");
  });

  it("the sentence names file and manifest, and what to do", () => {
    const path = model((entry) => ({ ...entry, bytes: 7 }));
    const bytes = fs.statSync(join(path, "model.safetensors")).size;
    expect(failure(() => openCheckpoint(path)).message).toBe(
      `${path}/model.safetensors: expected 7 bytes, as ${path}/model.manifest.json says, got ${bytes}. ` +
        "Get the file again; or, if it was changed on purpose, run: qwq verify --write MODEL.",
    );
  });

  it("one that is damaged is refused, and so is a file that is gone", () => {
    const path = model((entry) => entry);
    const manifest = join(path, "model.manifest.json");
    const text = fs.readFileSync(manifest, "utf8");
    fs.writeFileSync(manifest, text.replace('"files":{', `"files":{"vocab.json":{"bytes":1,"sha256":"${ZEROS}"},`));
    expect(opened(path)).toBe("E_HASH");
    fs.writeFileSync(manifest, text.slice(0, -10));
    expect(opened(path)).toBe("E_JSON_SYNTAX");
  });
});
