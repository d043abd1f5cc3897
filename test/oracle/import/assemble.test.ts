import { describe, expect, it } from "vitest";
import { assemble, type AssembleOptions } from "../../../src/oracle/import/assemble.ts";
import type { ForeignTensor } from "../../../src/oracle/import/foreign.ts";
import { drawn } from "../../support/checkpoints.ts";
import { failure } from "../../support/folder.ts";
import { model } from "../../support/models.ts";

const { config } = model("tiny"); // 10 heads of 8, 2 of keys, 80 channels
const options: AssembleOptions = { ids: [1, 2, 3], path: "x", layout: "neox" };
const tensor = (name: string, shape: readonly number[], more: Partial<ForeignTensor> = {}): ForeignTensor => ({
  name,
  shape,
  data: drawn(
    shape.reduce((a, b) => a * b, 1),
    1,
  ),
  ...more,
});
const taps = (tensors: ForeignTensor[], more: Partial<AssembleOptions> = {}) =>
  assemble(tensors, { ...options, ...more }).taps;

describe("assemble", () => {
  it("puts taps into the order of computation, with rows and statistics", () => {
    const found = taps([
      tensor("logits", [3, 4]),
      tensor("1.q", [3, 4]),
      tensor("0.out", [3, 4]),
      tensor("embed", [3, 4]),
    ]);
    expect(found.map(({ name }) => name)).toEqual(["embed", "0.out", "1.q", "logits"]);
    expect(found[0]).toMatchObject({ rows: [0, 1, 2], dims: "T C", data: { shape: [3, 4] }, stats: { nonfinite: 0 } });
    const broken = taps([tensor("embed", [1, 3], { data: Float32Array.of(1, NaN, -2) })], { ids: [1] });
    expect(broken[0]!.stats).toEqual({ absmax: 2, rms: Math.sqrt(2.5), nonfinite: 1 });
  });

  it("drops the batch, and turns [heads T D] into [T heads D]", () => {
    const cache = tensor("present.0.key", [1, 2, 3, 4]);
    const [kr] = taps([cache]);
    expect(kr!.data.shape).toEqual([3, 8]);
    const at = (h: number, t: number, d: number) => cache.data[(h * 3 + t) * 4 + d];
    expect(kr!.data.data[1 * 8 + 1 * 4 + 2]).toBe(at(1, 1, 2));
    expect(taps([tensor("0.n1", [1, 3, 80])])[0]!.data.shape).toEqual([3, 80]);
    // [T heads D] stays: axis 0 is as long as the prompt
    const plain = tensor("0.qr", [3, 10, 8]);
    expect(taps([plain])[0]!.data.data).toEqual(plain.data);
    // of one token the first axis is the token's, not the batch's
    expect(taps([tensor("0.qr", [1, 1, 10, 8])], { ids: [1] })[0]!.data.shape).toEqual([1, 80]);
  });

  it("fewer rows are the last, which the notes say; rows that are told are those", () => {
    const { taps: found, notes } = assemble(
      [tensor("2.mid", [1, 4]), tensor("2.out", [2, 4], { rows: [0, 2] })],
      options,
    );
    expect(found.map(({ rows }) => rows)).toEqual([[2], [0, 2]]);
    expect(notes).toEqual(["Of 2.mid, 2.out only the last rows are there; they are taken for the last positions."]);
  });

  it("takes q, k and v apart where the model is known", () => {
    const fused = tensor("model.layers.0.self_attn.qkv_proj", [3, 112]);
    const found = taps([fused], { config });
    expect(found.map(({ name, data }) => [name, data.shape[1]])).toEqual([
      ["0.q", 80],
      ["0.k", 16],
      ["0.v", 16],
    ]);
    expect(found[2]!.data.data[16]).toBe(fused.data[112 + 96]);
    expect(failure(() => taps([fused])).code).toBe("E_ARG_MODEL");
  });

  it("undoes the order of q and k within a head in llama.cpp's files of architecture llama", () => {
    const q = tensor("0.q", [3, 80]);
    const [undone] = taps([q], { layout: "interleaved", config });
    expect([...undone!.data.data.subarray(0, 8)]).toEqual([0, 2, 4, 6, 1, 3, 5, 7].map((i) => q.data[i]));
    const v = tensor("0.v", [3, 16]);
    expect(taps([v], { layout: "interleaved", config })[0]!.data.data).toEqual(v.data);
  });

  it("takes a product for q where llama.cpp adds no bias, and the sum where it does", () => {
    const [product, sum] = [
      tensor("Qcur-0", [3, 80], { op: "MUL_MAT" }),
      tensor("Qcur-0", [3, 80], { op: "ADD", data: drawn(240, 9) }),
    ];
    expect(taps([product])[0]).toMatchObject({ name: "0.q", data: { data: product.data } });
    const both = taps([product, sum]);
    expect([both.length, both[0]!.data.data]).toEqual([1, sum.data]);
  });

  it("takes the next layer's input for a layer's output where that is missing", () => {
    const found = taps([
      tensor("model.layers.1:in", [3, 80]),
      tensor("model.norm:in", [3, 80]),
      tensor("1.q", [3, 80]),
    ]);
    expect(found.map(({ name }) => name)).toEqual(["0.out", "1.q", "1.out"]);
  });

  it("follows a map of names", () => {
    expect(taps([tensor("h7", [3, 80])], { map: new Map([["h7", "7.out"]]) })[0]!.name).toBe("7.out");
  });

  it.each<[string, ForeignTensor[], Partial<AssembleOptions>]>([
    ["E_IMPORT_NONE", [tensor("h7", [3, 80])], {}],
    ["E_IMPORT_NONE", [], {}],
    [
      "E_IMPORT_TWICE",
      [tensor("0.q", [3, 80]), tensor("model.layers.0.self_attn.q_proj", [3, 80], { data: drawn(240, 2) })],
      {},
    ],
    ["E_IMPORT_SHAPE", [tensor("0.q", [4, 80])], {}],
    ["E_IMPORT_SHAPE", [tensor("0.q", [3, 81])], { config }],
    ["E_IMPORT_SHAPE", [tensor("0.q", [2, 3, 4, 5])], {}],
    ["E_IMPORT_SHAPE", [tensor("0.q", [2, 4], { rows: [2, 1] })], {}],
    ["E_ARG_MODEL", [tensor("0.q", [3, 80])], { layout: "interleaved" }],
  ])("refuses with %s (%#)", (code, tensors, more) => expect(failure(() => taps(tensors, more)).code).toBe(code));
});
