import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeSafetensors } from "../../src/files/safetensors-write.ts";
import { type BundleHead, writeBundle } from "../../src/oracle/bundle.ts";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { record } from "../../src/oracle/record.ts";
import { SKETCH } from "../../src/oracle/sketch.ts";
import { reference } from "../../src/reference/index.ts";
import { failure, temporaryFolder } from "../support/folder.ts";
import { model } from "../support/models.ts";

const head: BundleHead = {
  role: "candidate",
  engine: "an engine",
  model: { id: "tiny", revision: "main", config_sha256: "c", tokenizer_sha256: "t", template_sha256: "p" },
  producer: { name: "test" },
  policy: "f32",
  input: { ids: [5, 6], text: "two" },
  sketch: SKETCH,
};
const taps = await record(reference, model("tiny").checkpoint, Uint32Array.of(5, 6), { tier: "resid" });

function written(): string {
  const path = join(temporaryFolder(), "x.oracle");
  writeBundle(path, head, taps);
  return path;
}

/** A bundle whose manifest was changed by hand: every `from` becomes `to`. */
function changed(from: string, to: string): string {
  const path = written();
  const manifest = join(path, "manifest.json");
  const text = readFileSync(manifest, "utf8");
  if (!text.includes(from)) throw new Error(`no ${from} in the manifest`);
  writeFileSync(manifest, text.replaceAll(from, to));
  return path;
}

describe("openBundle", () => {
  it("gives back what writeBundle was given, bit for bit", () => {
    const path = join(temporaryFolder(), "x.oracle");
    const manifest = writeBundle(path, head, taps);
    const bundle = openBundle(path);
    expect(bundle.manifest).toEqual(manifest);
    for (const { name, data } of taps) expect(bundle.read(name)).toEqual(data);
    expect(bundle.entry("0.out")?.rows).toEqual([0, 1]);
    expect([bundle.read("0.q"), bundle.entry("9.q")]).toEqual([undefined, undefined]);
    bundle.close();
  });

  it("reads another engine's bundle: some rows of one tap in bfloat16, keys of its own, no hashes of the model", () => {
    const folder = temporaryFolder();
    const bytes = Uint8Array.of(0x80, 0x3f, 0x00, 0xc0); // 1, -2
    writeSafetensors(join(folder, "a.safetensors"), new Map([["x", { dtype: "BF16", shape: [2, 1], bytes }]]));
    const tap = {
      name: "1.k",
      dims: "t kd",
      shape: [2, 1],
      dtype: "BF16",
      rows: [3, 7],
      file: "a.safetensors",
      key: "x",
      sha256: "b6f0d2d7cb0bd3dd3e0d8b0e0b4f2c76b6f0d2d7cb0bd3dd3e0d8b0e0b4f2c76",
    };
    const manifest = {
      format: "oracle-bundle/1",
      role: "candidate",
      policy: "bf16-hf-eager",
      input: { ids: [1, 2] },
      more: { of: ["its", 0.5] },
      taps: [tap],
    };
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
    const bundle = openBundle(folder);
    const wrong = failure(() => bundle.read("1.k"));
    expect(wrong.code).toBe("E_BUNDLE_HASH");
    writeFileSync(
      join(folder, "manifest.json"),
      JSON.stringify({ ...manifest, taps: [{ ...tap, sha256: wrong.actual }] }),
    );
    expect([...openBundle(folder).read("1.k")!.data]).toEqual([1, -2]);
  });

  it.each<[code: string, from: string, to: string]>([
    ["E_BUNDLE_FORMAT", "oracle-bundle/1", "oracle-bundle/2"],
    ["E_BUNDLE_FIELD", '"candidate"', '"judge"'],
    ["E_BUNDLE_FIELD", '"policy"', '"politics"'],
    ["E_BUNDLE_FIELD", '"ids":[5,6]', '"ids":[5,-6]'],
    ["E_BUNDLE_FIELD", '"k":48', '"k":48.5'],
    ["E_BUNDLE_TAP", '"name":"0.out"', '"name":"0.in"'],
    ["E_BUNDLE_TAP", '"name":"0.out"', '"name":"toString"'],
    ["E_BUNDLE_TAP", '"name":"0.out"', '"name":"1.out"'],
    ["E_BUNDLE_TAP", '"rows":[0,1]', '"rows":[1,0]'],
    ["E_BUNDLE_TAP", '"rows":[0,1]', '"rows":[0]'],
    ["E_BUNDLE_TAP", '"shape":[2,80]', '"shape":[2,80,1]'],
    ["E_BUNDLE_TAP", '"dtype":"F32"', '"dtype":"I8"'],
    ["E_BUNDLE_TAP", '"absmax":', '"largest":'],
    ["E_BUNDLE_FILE", '"shape":[2,80]', '"shape":[2,81]'],
    ["E_BUNDLE_FILE", '"dtype":"F32"', '"dtype":"F16"'],
    ["E_BUNDLE_FILE", '"key":"0.out"', '"key":"0.q"'],
    ["E_PATH_ESCAPE", "taps-00001.safetensors", "../taps-00001.safetensors"],
    ["E_IO_OPEN", "taps-00001.safetensors", "taps-00002.safetensors"],
    ["E_JSON_DUP_KEY", '"role"', '"format"'],
  ])("refuses with %s a manifest with %s made %s", (code, from, to) => {
    expect(failure(() => openBundle(changed(from, to))).code).toBe(code);
  });

  it("says which file, what was expected and what came", () => {
    const path = changed('"key":"0.out"', '"key":"0.q"');
    expect(failure(() => openBundle(path)).message).toBe(
      `${path}/taps-00001.safetensors: expected a tensor "0.q" of F32 [2 80], got none. Write the bundle again.`,
    );
  });

  it("refuses values that changed after they were written, and a folder without a manifest", () => {
    const path = written();
    const file = join(path, "taps-00001.safetensors");
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1; // the last tensor's last value
    writeFileSync(file, bytes);
    const bundle = openBundle(path);
    const codes = taps.map(({ name }) => {
      try {
        bundle.read(name);
        return "read";
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    expect(codes.filter((code) => code === "E_BUNDLE_HASH")).toHaveLength(1);
    bundle.close();
    rmSync(join(path, "manifest.json"));
    expect(failure(() => openBundle(path)).code).toBe("E_IO_OPEN");
  });
});
