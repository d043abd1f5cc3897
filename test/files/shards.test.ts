import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openShards, parseIndex } from "../../src/files/shards.ts";
import { writeSafetensors } from "../../src/files/safetensors-write.ts";
import { failure, temporaryFolder } from "../support/folder.ts";

const A = "model-00001-of-00002.safetensors";
const B = "model-00002-of-00002.safetensors";
const INDEX = "model.safetensors.index.json";

function shard(folder: string, file: string, ...names: string[]): void {
  const tensors = names.map((name) => [name, { dtype: "F32", shape: [2], bytes: new Uint8Array(8) }] as const);
  writeSafetensors(join(folder, file), new Map(tensors));
}

function writeIndex(
  folder: string,
  map: Record<string, string>,
  rest: object = { metadata: { total_size: 24 } },
): void {
  fs.writeFileSync(join(folder, INDEX), JSON.stringify({ ...rest, weight_map: map }));
}

/** A folder of two shards: a and b in the first, c in the second. */
function model(): string {
  const folder = temporaryFolder();
  shard(folder, A, "a", "b");
  shard(folder, B, "c");
  writeIndex(folder, { a: A, b: A, c: B });
  return folder;
}

const index = (json: string) => parseIndex(new TextEncoder().encode(json), INDEX);

describe("openShards", () => {
  it("gives every tensor with its shard, and the files open", () => {
    const folder = model();
    const { files, tensors, warnings } = openShards(folder);
    expect(tensors.map(({ name, path }) => [name, path])).toEqual([
      ["a", join(folder, A)],
      ["b", join(folder, A)],
      ["c", join(folder, B)],
    ]);
    expect(files.map(({ path }) => path)).toEqual([join(folder, A), join(folder, B)]);
    expect(warnings).toEqual([]);
    files.forEach((file) => file.close());
  });

  it("opens a single file without an index", () => {
    const folder = temporaryFolder();
    shard(folder, "model.safetensors", "a");
    const { files, tensors } = openShards(folder);
    expect(tensors.map(({ name }) => name)).toEqual(["a"]);
    files.forEach((file) => file.close());
  });

  it("accepts an index without metadata, and a total written as a float", () => {
    const folder = model();
    for (const rest of [{}, { metadata: {} }, { metadata: null }]) {
      writeIndex(folder, { a: A, b: A, c: B }, rest);
      openShards(folder).files.forEach((file) => file.close());
    }
    expect(index(`{"metadata":{"total_size":24.0},"weight_map":{"a":"${"x.safetensors"}"}}`).totalBytes).toBe(24);
  });

  it("X6: warns of a shard that the index does not name", () => {
    const folder = model();
    shard(folder, "model-00003-of-00002.safetensors", "d");
    const { files, warnings } = openShards(folder);
    expect(warnings).toEqual([
      `${join(folder, INDEX)}: W_SHARD_EXTRA: the folder also holds "model-00003-of-00002.safetensors", which it does not name.`,
    ]);
    files.forEach((file) => file.close());
  });

  it.each<[string, string, (folder: string) => void]>([
    ["X5: a missing shard", "E_IDX_SHARD_MISSING", (folder) => fs.rmSync(join(folder, B))],
    ["X7: a tensor that its shard lacks", "E_IDX_TENSOR_MISSING", (folder) => shard(folder, B, "d")],
    ["X7: a tensor in another shard than the index says", "E_IDX_TENSOR_MISSING", (folder) => writeIndex(folder, { a: A, b: B, c: B })], // prettier-ignore
    ["X8: a tensor in two shards", "E_IDX_TENSOR_DUP", (folder) => shard(folder, B, "b", "c")],
    ["X9: a tensor that the index does not name", "E_IDX_TENSOR_UNLISTED", (folder) => shard(folder, B, "c", "d")],
    ["X10: another total", "E_IDX_TOTAL_SIZE", (folder) => writeIndex(folder, { a: A, b: A, c: B }, { metadata: { total_size: 25 } })], // prettier-ignore
    ["X12: two shards that changed places", "E_IDX_TENSOR_MISSING", (folder) => {
      fs.renameSync(join(folder, A), join(folder, "x"));
      fs.renameSync(join(folder, B), join(folder, A));
      fs.renameSync(join(folder, "x"), join(folder, B));
    }], // prettier-ignore
    ["X13: one file and an index", "E_IDX_AMBIGUOUS", (folder) => shard(folder, "model.safetensors", "a")],
    ["X14: an index above 16 MiB", "E_LIMIT_INDEX", (folder) => fs.truncateSync(join(folder, INDEX), 2 ** 24 + 1)],
    ["F5: a shard that links outside", "E_PATH_ESCAPE", (folder) => {
      fs.rmSync(join(folder, B));
      fs.symlinkSync("/etc/hostname", join(folder, B));
    }], // prettier-ignore
    ["F17: one file under two names", "E_IDX_SHARD_DUP", (folder) => {
      fs.rmSync(join(folder, B));
      fs.linkSync(join(folder, A), join(folder, B));
    }], // prettier-ignore
    ["F13: nothing but pickles", "E_FORMAT_UNSAFE", (folder) => {
      [A, B, INDEX].forEach((name) => fs.rmSync(join(folder, name)));
      fs.writeFileSync(join(folder, "pytorch_model.bin"), "");
    }], // prettier-ignore
    ["a folder without weights", "E_IO_OPEN", (folder) => [A, B, INDEX].forEach((name) => fs.rmSync(join(folder, name)))], // prettier-ignore
    ["F1: no folder", "E_IO_OPEN", (folder) => fs.rmSync(folder, { recursive: true })],
    ["S39: a shard cut short", "E_ST_TRUNCATED", (folder) => fs.truncateSync(join(folder, B), fs.statSync(join(folder, B)).size - 1)], // prettier-ignore
    ["F9: an empty shard", "E_ST_TOO_SMALL", (folder) => fs.truncateSync(join(folder, B), 0)],
  ])("refuses %s", (_, code, spoil) => {
    const folder = model();
    spoil(folder);
    expect(failure(() => openShards(folder)).code).toBe(code);
  });

  it("leaves no file open where it refuses", () => {
    const next = () => {
      const fd = fs.openSync(".", "r"); // the lowest number that is free
      fs.closeSync(fd);
      return fd;
    };
    const folder = model();
    shard(folder, B, "b", "c");
    const before = next();
    for (let i = 0; i < 10; i++) failure(() => openShards(folder));
    expect(next()).toBe(before);
  });

  it("says which tensors and shards, ten of them by name", () => {
    const folder = model();
    fs.rmSync(join(folder, B));
    expect(failure(() => openShards(folder)).message).toBe(
      `${join(folder, INDEX)}: expected every shard that it names, got no "${B}". ` +
        "The download is incomplete or mixed up; get the model again.",
    );
    shard(folder, B, "c", ..."lmnopqrstuvw");
    const { message } = failure(() => openShards(folder));
    expect(message).toContain('got not "l", "m", "n", "o", "p", "q", "r", "s", "t", "u" and 2 more. ');
  });
});

describe("parseIndex", () => {
  it.each([
    ["X1: ../../etc/passwd", '{"weight_map":{"a":"../../etc/passwd"}}', "E_PATH_ESCAPE"],
    ["X1: ../x.safetensors", '{"weight_map":{"a":"../x.safetensors"}}', "E_PATH_ESCAPE"],
    ["X1: an absolute path", '{"weight_map":{"a":"/x.safetensors"}}', "E_PATH_ESCAPE"],
    ["X1: a/b", '{"weight_map":{"a":"a/b.safetensors"}}', "E_PATH_ESCAPE"],
    ["X1: a backslash", '{"weight_map":{"a":"..\\\\x.safetensors"}}', "E_PATH_ESCAPE"],
    ["X1: a drive", '{"weight_map":{"a":"C:\\\\x.safetensors"}}', "E_PATH_ESCAPE"],
    ["X1: a stream", '{"weight_map":{"a":"x:ads.safetensors"}}', "E_PATH_ESCAPE"],
    ["X1: an address", '{"weight_map":{"a":"http://x/y.safetensors"}}', "E_PATH_ESCAPE"],
    ["X1: nothing", '{"weight_map":{"a":""}}', "E_PATH_ESCAPE"],
    ["X1: a dot", '{"weight_map":{"a":"."}}', "E_PATH_ESCAPE"],
    ["X1: a newline after the name", '{"weight_map":{"a":"x.safetensors\\n"}}', "E_PATH_ESCAPE"],
    ["X2: an array", "[]", "E_IDX_SCHEMA"],
    ["X2: no weight_map", "{}", "E_IDX_SCHEMA"],
    ["X2: weight_map an array", '{"weight_map":[]}', "E_IDX_SCHEMA"],
    ["X2: weight_map null", '{"weight_map":null}', "E_IDX_SCHEMA"],
    ["X2: weight_map without tensors", '{"weight_map":{}}', "E_IDX_SCHEMA"],
    ["X2: metadata an array", '{"metadata":[],"weight_map":{"a":"x.safetensors"}}', "E_IDX_SCHEMA"],
    ["X2: a total of text", '{"metadata":{"total_size":"4"},"weight_map":{"a":"x.safetensors"}}', "E_IDX_SCHEMA"],
    ["X3: a tensor twice", '{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}', "E_JSON_DUP_KEY"],
    ["X4: a value that is no text", '{"weight_map":{"a":1}}', "E_IDX_SCHEMA"],
    ["X4: a .bin file", '{"weight_map":{"a":"pytorch_model.bin"}}', "E_IDX_SCHEMA"],
    ["X15: a gap", `{"weight_map":{"a":"m-1-of-3.safetensors","b":"m-3-of-3.safetensors"}}`, "E_IDX_NUMBERING"],
    ["X15: number 0", `{"weight_map":{"a":"m-0-of-1.safetensors"}}`, "E_IDX_NUMBERING"],
    ["X15: a number above the total", `{"weight_map":{"a":"m-2-of-1.safetensors"}}`, "E_IDX_NUMBERING"],
    ["X15: two totals", `{"weight_map":{"a":"m-1-of-2.safetensors","b":"m-2-of-3.safetensors"}}`, "E_IDX_NUMBERING"],
    ["X15: two series", `{"weight_map":{"a":"m-1-of-2.safetensors","b":"n-2-of-2.safetensors"}}`, "E_IDX_NUMBERING"],
    ["X15: one without a number", `{"weight_map":{"a":"m-1-of-1.safetensors","b":"n.safetensors"}}`, "E_IDX_NUMBERING"],
  ])("refuses %s", (_, json, code) => {
    expect(failure(() => index(json)).code).toBe(code);
  });

  it("F14: accepts 4,096 shards and refuses 4,097", () => {
    const json = (count: number) =>
      JSON.stringify({
        weight_map: Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, `s${i}.safetensors`])),
      });
    expect(index(json(4096)).weightMap.size).toBe(4096);
    expect(failure(() => index(json(4097))).code).toBe("E_LIMIT_SHARDS");
  });
});
