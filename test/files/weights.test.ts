import { describe, expect, it } from "vitest";
import { expectedWeights, layerName, LAYER_WEIGHTS } from "../../src/files/names.ts";
import { readGguf } from "../../src/files/gguf.ts";
import { formatOf, matrix, readWeights, vector } from "../../src/files/weights.ts";
import { FORMATS } from "../../src/quant/index.ts";
import { type AnyTensor, isHost, isStored } from "../../src/tensor.ts";
import { codeOf } from "../support/codes.ts";
import { drawn, ggufModel, randomTensors, SMALL, SMALL_LLAMA } from "../support/checkpoints.ts";
import { inMemory } from "../support/gguf.ts";
import { memorySource, type MemoryTensor } from "../support/sources.ts";

const f32 = (shape: readonly number[], seed = 1): MemoryTensor => {
  const values = drawn(
    shape.reduce((product, n) => product * n, 1),
    seed,
  );
  return { format: "F32", shape, bytes: new Uint8Array(values.buffer) };
};

/** All values, whether it is in memory or stored. */
function values(x: AnyTensor): number[] {
  if (isHost(x)) return [...x.data];
  if (!isStored(x)) throw new Error("neither in memory nor stored");
  const into = new Float32Array(x.shape[0]! * x.shape[1]!);
  x.widen(0, x.shape[0]!, into);
  return [...into];
}

describe("readWeights", () => {
  const tensors = randomTensors(SMALL, "safetensors");
  const source = memorySource(new Map([...tensors].map(([name, t]) => [name, { ...t, format: t.dtype }])));
  const weights = readWeights(source, SMALL, "safetensors");
  const read = new Set(source.windows.map(({ name }) => name));
  const bytesOf = (name: string) => [...new Float32Array(tensors.get(name)!.bytes.slice().buffer)];

  it("every weight has the values, shape and axes that its name says", () => {
    expect(values(weights.E)).toEqual(bytesOf("model.embed_tokens.weight"));
    expect(values(weights.U)).toEqual(bytesOf("lm_head.weight"));
    expect(values(weights.g)).toEqual(bytesOf("model.norm.weight"));
    const layers = [...weights.layers()];
    expect(layers.map(([l]) => l)).toEqual([0, 1]);
    for (const [l, W] of layers) {
      for (const row of LAYER_WEIGHTS) {
        const name = layerName(row, l, "safetensors");
        expect(W[row.ours]!.shape).toEqual(tensors.get(name)!.shape);
        expect(values(W[row.ours]!)).toEqual(bytesOf(name));
      }
    }
  });

  it("reads gains and biases at once, and of matrices nothing", () => {
    const small = [...tensors].filter(([, { shape }]) => shape.length === 1).map(([name]) => name);
    expect([...read].sort()).toEqual(small.sort());
  });

  it("layers can be walked again", () => expect([...weights.layers()]).toEqual([...weights.layers()]));

  it("the unembedding of a tied model is its embedding, and a model without biases has none", () => {
    const file = readGguf(inMemory(ggufModel(SMALL_LLAMA)));
    const bytes = new Map(
      [...randomTensors(SMALL_LLAMA, "gguf")].map(([name, t]) => [name, { ...t, format: t.dtype }]),
    );
    const tied = readWeights(memorySource(bytes, file.path), SMALL_LLAMA, "gguf");
    expect(tied.U).toBe(tied.E);
    for (const [, W] of tied.layers()) expect([W.bq, W.bk, W.bv]).toEqual([undefined, undefined, undefined]);
  });
});

describe("rows of interleaved heads", () => {
  const original = randomTensors(SMALL_LLAMA, "gguf");
  const bytes = ggufModel(SMALL_LLAMA);
  const { tensors } = readGguf(inMemory(bytes));
  const stored = new Map(
    tensors.map(({ name, format, shape, offset, bytes: length }) => [
      name,
      { format, shape, bytes: bytes.subarray(offset, offset + length) },
    ]),
  );
  const source = memorySource(stored, "model.gguf");
  const { layers } = readWeights(source, SMALL_LLAMA, "gguf");

  it("of q and k stand in the order of the page, all others as they are stored", () => {
    for (const [l, W] of layers()) {
      for (const { name } of expectedWeights(SMALL_LLAMA, "gguf").filter(({ name }) => name.startsWith(`blk.${l}.`))) {
        const row = LAYER_WEIGHTS.find((row) => layerName(row, l, "gguf") === name)!;
        const expected = [...new Float32Array(original.get(name)!.bytes.slice().buffer)];
        expect(values(W[row.ours]!), name).toEqual(expected);
      }
    }
  });

  it("any run of rows gives what the whole matrix has there, as values and as bytes", () => {
    const W = [...layers()][0]![1].Wq;
    if (!isStored(W)) throw new Error("not stored");
    const whole = values(W);
    const columns = W.shape[1]!;
    for (const [first, rows] of [
      [0, 1],
      [3, 7],
      [7, 2],
      [5, 20],
      [31, 1],
      [0, 0],
    ] as const) {
      const expected = whole.slice(first * columns, (first + rows) * columns);
      const into = new Float32Array(rows * columns + 1).fill(9);
      W.widen(first, rows, into);
      expect([...into]).toEqual([...expected, 9]);
      W.window(first, rows, (lent) => expect([...new Float32Array(lent.slice().buffer)]).toEqual(expected));
    }
  });
});

describe("matrix", () => {
  it("lends at most 1 MiB at a time while rows are widened", () => {
    const source = memorySource(new Map([["W", f32([3000, 256])]]));
    const W = matrix<"O I">(source, source.tensors.get("W")!);
    W.widen(0, 3000, new Float32Array(3000 * 256));
    expect(source.windows.map(({ from, length }) => [from, length])).toEqual([
      [0, 2 ** 20],
      [2 ** 20, 2 ** 20],
      [2 ** 21, (3000 - 2048) * 1024],
    ]);
  });

  it.each([
    [-1, 1],
    [0, 5],
    [4, 1],
    [0.5, 1],
    [0, NaN],
    [0, -1],
  ])("refuses rows that it does not have: %d and %d more", (first, rows) => {
    const source = memorySource(new Map([["W", f32([4, 2])]]));
    const W = matrix<"O I">(source, source.tensors.get("W")!);
    expect(codeOf(() => W.widen(first, rows, new Float32Array(100)))).toBe("E_ARG_ROWS");
    expect(codeOf(() => W.window(first, rows, () => {}))).toBe("E_ARG_ROWS");
  });

  it("refuses to widen into too little room", () => {
    const source = memorySource(new Map([["W", f32([4, 2])]]));
    const W = matrix<"O I">(source, source.tensors.get("W")!);
    expect(() => W.widen(1, 2, new Float32Array(3))).toThrow(
      "model.safetensors: expected rows within [0, 4) and room for 2 values each, got 2 from 1, and room for 3 values (W).",
    );
  });
});

it("vector widens a whole tensor of any format", () => {
  const bytes = Uint8Array.of(0x80, 0x3f, 0x00, 0xc0);
  const source = memorySource(new Map([["b", { format: "BF16", shape: [2], bytes }]]));
  expect([...vector(source, source.tensors.get("b")!).data]).toEqual([1, -2]);
});

it.each([
  ["I64", "model.safetensors", "E_ST_DTYPE_UNSUPPORTED"],
  ["IQ2_XS", "model.gguf", "E_GGUF_DTYPE"],
])("%s is refused by name", (format, path, code) => {
  const info = { name: "W", format, shape: [1, 256], path, offset: 0, bytes: 0 };
  expect(codeOf(() => formatOf(info))).toBe(code);
  expect(() => formatOf(info)).toThrow(
    `${path}: expected one of the number formats ${[...FORMATS.keys()].join(", ")}, got ${format} ("W"). Get the model in one of these.`,
  );
});
