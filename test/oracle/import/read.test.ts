import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeSafetensors } from "../../../src/files/safetensors-write.ts";
import { readOnnxTensor } from "../../../src/oracle/import/onnx-tensor.ts";
import { readForeign } from "../../../src/oracle/import/read.ts";
import { failure, temporaryFolder } from "../../support/folder.ts";
import { npy, zip } from "../../support/npz.ts";

const f32 = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);

/** A TensorProto: dims 2 x 1, float, raw data, a name. */
const PROTO = Buffer.concat([
  Buffer.from([0x08, 2, 0x08, 1, 0x10, 1, 0x42, 3]),
  Buffer.from("0.q"),
  Buffer.from([0x4a, 8]),
  f32(1, -2),
]);

describe("readForeign", () => {
  it("npz: arrays by name, the ids among them", () => {
    const path = join(temporaryFolder(), "a.npz");
    writeFileSync(
      path,
      zip({ "0.q.npy": npy([2, 1], [1, 2]), "input_ids.npy": npy([2], [5, 6], "<i8"), "note.txt": Buffer.from("x") }),
    );
    expect(readForeign("npz", path)).toEqual({
      tensors: [{ name: "0.q", shape: [2, 1], data: Float32Array.of(1, 2) }],
      ids: [5, 6],
    });
  });

  it("npy-dir: files by name, slashes written as __, ids.json", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "__model__x.npy"), npy([1], [3]));
    writeFileSync(join(folder, "ids.json"), "[7]");
    expect(readForeign("npy-dir", folder)).toMatchObject({ tensors: [{ name: "/model/x", shape: [1] }], ids: [7] });
  });

  it("onnx: one tensor, or a folder of them", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a.pb"), PROTO);
    const tensor = { name: "0.q", shape: [2, 1], data: Float32Array.of(1, -2) };
    expect(readForeign("onnx", folder).tensors).toEqual([tensor]);
    expect(readForeign("onnx", join(folder, "a.pb")).tensors).toEqual([tensor]);
    for (let length = 1; length < PROTO.length; length++) {
      expect(failure(() => readOnnxTensor(PROTO.subarray(0, length), "x")).code, `${length} bytes`).toBe(
        "E_ONNX_TENSOR",
      );
    }
  });

  it("raw+json: sizes in either order, number formats, places in a file", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a.bin"), Buffer.concat([f32(9), f32(1, 2, 3, 4, 5, 6), Buffer.from([0x80, 0x3f])]));
    const tensors = [
      { name: "Qcur-0", op: "ROPE", file: "a.bin", ne: [3, 2, 1, 1], offset: 4 },
      { name: "0.k", file: "a.bin", shape: [1, 1], dtype: "bf16", offset: 28, rows: [1] },
    ];
    writeFileSync(
      join(folder, "tensors.json"),
      JSON.stringify({ ids: [1, 2], engine: "mine", policy: "f32", tensors }),
    );
    const foreign = readForeign("raw+json", folder);
    expect(foreign).toMatchObject({ ids: [1, 2], engine: "mine", policy: "f32" });
    expect(foreign.tensors[0]).toMatchObject({
      shape: [1, 1, 2, 3],
      op: "ROPE",
      data: Float32Array.of(1, 2, 3, 4, 5, 6),
    });
    expect(foreign.tensors[1]).toMatchObject({ shape: [1, 1], rows: [1], data: Float32Array.of(1) });
    expect(readForeign("raw+json", join(folder, "tensors.json"))).toEqual(foreign);
  });

  it("hf-debug-tree: the tree of modules, a file each, the embedding's input as ids", () => {
    const folder = temporaryFolder();
    const save = (name: string, dtype: string, bytes: Uint8Array, shape: number[]) =>
      writeSafetensors(join(folder, name), new Map([["data", { dtype, shape, bytes } as never]]));
    save("e.safetensors", "I64", Buffer.from(BigInt64Array.from([4n, 5n]).buffer), [1, 2]);
    save("q.safetensors", "F32", f32(1, 2), [1, 2, 1]);
    const tree = {
      module_path: "Qwen2ForCausalLM",
      inputs: null,
      outputs: null,
      children: [
        {
          module_path: "Qwen2ForCausalLM.model.embed_tokens",
          inputs: { args: [{ value: "./e.safetensors" }] },
          children: [],
        },
        { module_path: "Qwen2ForCausalLM.model.layers.0.self_attn.q_proj", outputs: { value: "./q.safetensors" } },
      ],
    };
    writeFileSync(join(folder, "Qwen2ForCausalLM_debug_tree_FULL_TENSORS.json"), JSON.stringify(tree));
    expect(readForeign("hf-debug-tree", folder)).toEqual({
      engine: "Hugging Face transformers",
      ids: [4, 5],
      tensors: [
        {
          name: "Qwen2ForCausalLM.model.layers.0.self_attn.q_proj:out",
          shape: [1, 2, 1],
          data: Float32Array.of(1, 2),
          float: true,
        },
      ],
    });
  });

  it.each<[code: string, format: Parameters<typeof readForeign>[0], make: (folder: string) => string]>([
    ["E_IO_OPEN", "npz", (folder) => join(folder, "no.npz")],
    ["E_ZIP", "npz", (folder) => file(folder, "a.npz", "no archive")],
    ["E_IMPORT_FORMAT", "hf-debug-tree", (folder) => folder],
    ["E_JSON_SYNTAX", "raw+json", (folder) => file(folder, "tensors.json", "{")],
    ["E_JSON_FIELD", "raw+json", (folder) => file(folder, "tensors.json", "{}")],
    ["E_PATH_ESCAPE", "raw+json", (folder) => raw(folder, { file: "../a", shape: [1] })],
    ["E_IMPORT_SHAPE", "raw+json", (folder) => raw(folder, { file: "tensors.json", shape: [1000] })],
    ["E_IMPORT_SHAPE", "raw+json", (folder) => raw(folder, { file: "tensors.json", shape: [1], offset: -4 })],
    ["E_IMPORT_SHAPE", "raw+json", (folder) => raw(folder, { file: "tensors.json", shape: [1], dtype: "i8" })],
    ["E_NPY_MAGIC", "npy-dir", (folder) => (file(folder, "a.npy", "x"), folder)],
  ])("refuses with %s (%s, %#)", (code, format, make) => {
    const folder = join(temporaryFolder(), "in");
    mkdirSync(folder);
    expect(failure(() => readForeign(format, make(folder))).code).toBe(code);
  });
});

function file(folder: string, name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function raw(folder: string, tensor: Record<string, unknown>): string {
  return file(folder, "tensors.json", JSON.stringify({ tensors: [{ name: "0.q", ...tensor }] }));
}
