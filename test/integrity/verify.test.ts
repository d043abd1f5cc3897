import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { manifestText, readManifest } from "../../src/files/manifest.ts";
import { writeSafetensors } from "../../src/files/safetensors-write.ts";
import { parseSafetensors } from "../../src/files/safetensors.ts";
import { damages, differenceError, manifestOf, scanned, suspicions } from "../../src/integrity/report.ts";
import { passOver } from "../../src/integrity/pass.ts";
import { survey } from "../../src/integrity/survey.ts";
import { namedFiles } from "../../src/integrity/tasks.ts";
import { verify, type VerifyOptions } from "../../src/integrity/verify.ts";
import { InputFile } from "../../src/files/input.ts";
import { codeOf } from "../support/codes.ts";
import { ggufModel, randomTensors, SMALL, temporaryFolder, writeFolder } from "../support/checkpoints.ts";
import { goldenPath } from "../support/golden.ts";

const look = async (path: string, options: Partial<VerifyOptions> = {}) => {
  const verified = (await verify(path, { threads: 2, reread: () => undefined, ...options }))!;
  verified.checkpoint?.close();
  const tensors = scanned(verified.files.map(({ found }) => found), verified.checkpoint?.source.tensors ?? new Map()); // prettier-ignore
  return { ...verified, warnings: suspicions(tensors), damaged: damages(tensors) };
};

/** A model of three shards with its manifest. */
async function withManifest(): Promise<string> {
  const path = writeFolder(temporaryFolder(), SMALL, { shards: 3 });
  fs.writeFileSync(join(path, "README.md"), "a model");
  const verified = await look(path, { anew: true });
  fs.writeFileSync(verified.manifestPath, manifestText(manifestOf(verified, new Map([["qwq", "1"]]))));
  return path;
}

/** Changes one byte of a file, counted from its end where it is negative. */
function change(path: string, at: number): void {
  const bytes = fs.readFileSync(path);
  bytes[(at + bytes.length) % bytes.length]! ^= 1;
  fs.writeFileSync(path, bytes);
}

const SHARD = "model-00002-of-00003.safetensors";

describe("a manifest", () => {
  it("holds each file's sha256, each header's, and each tensor's crc32", async () => {
    const path = await withManifest();
    const manifest = readManifest(join(path, "model.manifest.json"));
    const names = ["config.json", "model.safetensors.index.json", ...[1, 2, 3].map((n) => `model-0000${n}-of-00003.safetensors`)]; // prettier-ignore
    expect([...manifest.files.keys()].sort()).toEqual(names.sort());
    for (const [name, { bytes, sha256, header }] of manifest.files) {
      const content = fs.readFileSync(join(path, name));
      expect([bytes, sha256]).toEqual([content.length, createHash("sha256").update(content).digest("hex")]);
      if (!name.endsWith(".safetensors")) continue;
      const head = content.subarray(0, 8 + Number(content.readBigUInt64LE(0)));
      expect(header).toEqual({ bytes: head.length, sha256: createHash("sha256").update(head).digest("hex") });
      for (const [tensor, { dtype, shape, bytes }] of parseSafetensors(content, name)) {
        const entry = { file: name, dtype, shape, crc32: crc32(bytes).toString(16).padStart(8, "0") };
        expect(manifest.tensors.get(tensor)).toEqual(entry);
      }
    }
    expect(manifest.tensors.size).toBe(openCheckpoint(path).source.tensors.size);
    const again = await look(path);
    expect(again).toMatchObject({ differences: [], others: ["README.md"], damaged: [], warnings: [] });
  });

  it("M12: finds one changed bit, and names the file and the tensor", async () => {
    const path = await withManifest();
    change(join(path, SHARD), -1);
    const verified = await look(path);
    const last = [...parseSafetensors(fs.readFileSync(join(path, SHARD)), SHARD).keys()].at(-1)!;
    expect(verified.differences).toMatchObject([{ file: SHARD, kind: "sha256", tensors: [last] }]);
    const error = differenceError(verified, verified.differences[0]!);
    expect(error.code).toBe("E_HASH");
    expect(error.message).toMatch(
      new RegExp(
        `^${join(path, SHARD)}: expected sha256 [0-9a-f]{64} \\(${path}/model.manifest.json\\), got [0-9a-f]{64} \\("${last}"\\)\\. `,
      ),
    );
  });

  it("X11: finds a shard of another model with the same names and shapes, all its tensors", async () => {
    const path = await withManifest();
    const tensors = parseSafetensors(fs.readFileSync(join(path, SHARD)), SHARD);
    const other = new Map([...tensors].map(([name, tensor]) => [name, { ...tensor, bytes: tensor.bytes.map((b) => b ^ 3) }])); // prettier-ignore
    writeSafetensors(join(path, SHARD), other);
    const { differences } = await look(path);
    expect(differences).toHaveLength(1);
    expect([...differences[0]!.tensors].sort()).toEqual([...tensors.keys()].sort());
  });

  it("finds files that are missing, longer, and not named", async () => {
    const path = await withManifest();
    fs.appendFileSync(join(path, "config.json"), "\n");
    fs.writeFileSync(join(path, "generation_config.json"), "{}");
    const manifest = join(path, "model.manifest.json");
    fs.writeFileSync(manifest, fs.readFileSync(manifest, "utf8").replace('"config.json"', '"vocab.json": {"bytes": 1, "sha256": "' + "0".repeat(64) + '"}, "config.json"')); // prettier-ignore
    const { differences } = await look(path);
    expect(differences.map(({ file, kind }) => [file, kind])).toEqual([
      ["config.json", "size"],
      ["generation_config.json", "unlisted"],
      ["vocab.json", "missing"],
    ]);
  });

  it("compares hashes where the model can no longer be opened, and says so", async () => {
    const path = await withManifest();
    fs.truncateSync(join(path, SHARD), 1000);
    const verified = await look(path);
    expect(verified.failure?.code).toBe("E_ST_TRUNCATED");
    expect(verified.differences).toMatchObject([{ file: SHARD, kind: "size", actual: "1000" }]);
    fs.rmSync(join(path, "model.manifest.json"));
    await expect(look(path)).rejects.toMatchObject({ code: "E_ST_TRUNCATED" });
  });

  it("of a GGUF file lies beside it under its name", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "m.gguf");
    fs.writeFileSync(path, ggufModel());
    const verified = await look(path, { anew: true });
    expect(verified.manifestPath).toBe(`${path}.manifest.json`);
    fs.writeFileSync(verified.manifestPath, manifestText(manifestOf(verified, new Map())));
    expect((await look(path)).differences).toEqual([]);
    change(path, -5);
    expect((await look(path)).differences).toMatchObject([{ file: "m.gguf", kind: "sha256", tensors: ["output_norm.weight"] }]); // prettier-ignore
  });
});

describe("a second reading from the disk", () => {
  it.each([
    ["the same again: the file is another", (actual: string) => actual, "E_HASH"],
    ["another result: the machine is at fault", () => "0".repeat(64), "E_HASH_UNSTABLE"],
    ["none possible", () => undefined, "E_HASH"],
  ])("%s", async (_, reread, code) => {
    const path = await withManifest();
    change(join(path, SHARD), -1);
    const actual = createHash("sha256").update(fs.readFileSync(join(path, SHARD))).digest("hex"); // prettier-ignore
    const asked: string[] = [];
    const verified = await look(path, { reread: (file) => (asked.push(file), reread(actual)) });
    expect(asked).toEqual([join(path, SHARD)]);
    expect(differenceError(verified, verified.differences[0]!).code).toBe(code);
  });
});

describe("Hugging Face's cache", () => {
  /** A snapshot whose files are links to blobs, named by sha256 where they are large, else as git names them. */
  function cached(): string {
    const repository = join(temporaryFolder(), "models--a--b");
    const snapshot = join(repository, "snapshots", "0123abcd");
    fs.mkdirSync(join(repository, "blobs"), { recursive: true });
    fs.mkdirSync(snapshot, { recursive: true });
    const from = writeFolder(temporaryFolder(), SMALL, { shards: 2 });
    for (const name of fs.readdirSync(from)) {
      const bytes = fs.readFileSync(join(from, name));
      const large = name.endsWith(".safetensors");
      const hash = createHash(large ? "sha256" : "sha1").update(large ? "" : `blob ${bytes.length}\0`).update(bytes); // prettier-ignore
      const blob = join(repository, "blobs", hash.digest("hex"));
      fs.writeFileSync(blob, bytes);
      fs.symlinkSync(`../../blobs/${basename(blob)}`, join(snapshot, name));
    }
    return snapshot;
  }

  it("names its files by their hashes, sha256 and git's, which are compared", async () => {
    const path = cached();
    const verified = await look(path);
    expect(verified.differences).toEqual([]);
    expect(verified.files.map(({ name, blob }) => [name, blob?.length])).toEqual([
      ["config.json", 40],
      ["model.safetensors.index.json", 40],
      ["model-00001-of-00002.safetensors", 64],
      ["model-00002-of-00002.safetensors", 64],
    ]);
  });

  it.each([
    ["model-00002-of-00002.safetensors", "sha256"],
    ["config.json", "git-sha1"],
  ])("tells of a changed %s by its %s", async (name, kind) => {
    const path = cached();
    const blob = fs.realpathSync(join(path, name));
    if (name === "config.json") fs.appendFileSync(blob, " ");
    else change(blob, -1);
    expect((await look(path)).differences).toMatchObject([{ file: name, kind }]);
    expect(dirname(blob)).toMatch(/blobs$/);
  });
});

describe("damaged weights", () => {
  const NAME = "model.layers.1.mlp.up_proj.weight";
  /** SMALL with the values of one matrix changed. */
  function model(edit: (values: Float32Array) => void): string {
    const tensors = randomTensors(SMALL, "safetensors");
    const { bytes } = tensors.get(NAME)!;
    edit(new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4));
    return writeFolder(temporaryFolder(), SMALL, { tensors });
  }

  it("M7: a NaN is named with its place", async () => {
    const { damaged } = await look(model((values) => (values[70] = NaN)));
    expect(damaged.map(({ code, actual, tensor }) => [code, actual, tensor])).toEqual([
      ["E_WEIGHT_NONFINITE", "NaN in row 2, column 6", `"${NAME}"`],
    ]);
  });

  it.each<[string, (values: Float32Array) => void, string]>([
    ["a matrix of zeros", (values) => values.fill(0), "has 64 of 64 rows of nothing but zeros"],
    ["its end zeros", (values) => values.fill(0, 32 * 60), "has 4 of 64 rows of nothing but zeros"],
    ["a row of one value", (values) => values.fill(0.5, 32, 64), "has 1 of 64 rows of one value over and over"],
    ["a weight beyond 10,000", (values) => (values[5] = -10_001), "has a weight of size 1.000e+4"],
  ])("M8: warns of %s", async (_, edit, words) => {
    const { warnings, damaged } = await look(model(edit));
    expect(damaged).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`W_WEIGHT_SUSPECT: "${NAME}" ${words}`);
  });

  it("finds nothing in any packed model of golden, and what was broken in each", async () => {
    const cases: [string, RegExp, (bytes: Uint8Array) => void, string][] = [
      ["awq", /\.scales$/, (bytes) => bytes.fill(0, 0, 2), "E_Q_SCALE"],
      ["gptq-int4-act", /g_idx$/, (bytes) => bytes.set([200], 0), "E_Q_RANGE"],
      ["gptq-int8", /qzeros$/, (bytes) => bytes.set([255], 0), "E_Q_RANGE"],
      ["llm-int8", /q_proj\.weight$/, (bytes) => bytes.set([0x80], 7), "E_Q_RANGE"],
      ["llm-int8", /SCB$/, (bytes) => bytes.set([0, 0, 0x80, 0xff], 0), "E_Q_SCALE"],
      ["ct-w4a16", /weight_scale$/, (bytes) => bytes.set([0, 0x80], 0), "E_Q_SCALE"],
    ];
    for (const [name, pattern, edit, code] of cases) {
      const path = temporaryFolder();
      fs.cpSync(goldenPath(`packed/${name}`), path, { recursive: true });
      expect((await look(path)).damaged, name).toEqual([]);
      const file = join(path, "model.safetensors");
      const tensors = parseSafetensors(fs.readFileSync(file), file);
      const [tensor] = [...tensors].find(([key]) => pattern.test(key))!;
      edit(tensors.get(tensor)!.bytes);
      writeSafetensors(file, tensors);
      expect((await look(path)).damaged.map((error) => [error.code, error.tensor]), name).toEqual([[code, `"${tensor}"`]]); // prettier-ignore
    }
  });
});

it("threads find what one finds, and an interruption ends them", async () => {
  const path = await withManifest();
  change(join(path, SHARD), -1);
  const [one, two] = [await look(path), await look(path, { least: 0, threads: 2 })];
  expect(two.files).toEqual(one.files);
  expect(two.differences).toEqual(one.differences);
  for (const least of [0, undefined])
    expect(await verify(path, { threads: 1, signal: AbortSignal.abort(), least })).toBe(undefined);
});

it("what goes wrong in a thread is thrown as it was there", async () => {
  const path = writeFolder(temporaryFolder());
  const files = namedFiles(path, ["config.json", "model.safetensors"]);
  fs.rmSync(join(path, "config.json"));
  for (const threads of [1, 2]) {
    const bytes = files.map((file) => file.bytes);
    await expect(survey(files, bytes, { threads, least: 0 })).rejects.toMatchObject({
      name: "IoError",
      code: "E_IO_OPEN",
      path: join(path, "config.json"),
    });
  }
});

it("a file that is written while it is read is an error, not a hash", () => {
  const path = join(writeFolder(temporaryFolder()), "model.safetensors");
  const file = new InputFile(path);
  const touch = () => fs.utimesSync(path, 1, 1);
  expect(codeOf(() => passOver(file, { tensors: [], hashes: true }, touch))).toBe("E_IO_CHANGED");
  file.close();
});
