import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";

import { keptBytes } from "../../src/files/packed-tensors.ts";
import { packedMatrix } from "../../src/files/packed.ts";
import type { Packing } from "../../src/files/quantization.ts";
import { recordTaps } from "../../src/oracle/taps.ts";
import { reference } from "../../src/reference/index.ts";
import { type AnyTensor, isStored } from "../../src/tensor.ts";
import { codeOf } from "../support/codes.ts";
import { golden, goldenJson, goldenPath } from "../support/golden.ts";
import type { Manifest } from "../support/models.ts";
import { blockValues, bytesOf, PACKED_CASES as CASES, packedLayer } from "../support/packed.ts";
import { memorySource } from "../support/sources.ts";
import { exact, floor, ulp, within } from "../support/within.ts";

const NAME = "model.layers.0.mlp.up_proj.weight";
const [O, I] = [72, 160];
const layers = golden("packed/layers");

describe.each(CASES)("a matrix packed as %s", (name, packing) => {
  const { source, matrix } = packedLayer(name, packing);
  const values = layers.values(`${name}.values`);

  it("is widened to the exact product, rounded once: the same bits", () => {
    const into = new Float32Array(O * I);
    matrix.widen(0, O, into);
    within(name, into, values, exact, [O, I]);
  });

  it("any run of rows gives what the whole matrix has there, and nothing else is written", () => {
    for (const [first, rows] of [
      [0, 1],
      [3, 7],
      [31, 2],
      [71, 1],
      [64, 8],
      [40, 0],
    ] as const) {
      const into = new Float32Array(rows * I + 1).fill(9);
      matrix.widen(first, rows, into);
      const expected = [...values.subarray(first * I, (first + rows) * I), 9];
      within(`${name} rows ${first} and ${rows} more`, into, expected, exact);
    }
  });

  it("lends any run of rows as blocks that stand for the same values, as many bytes as its file but for zero points", () => {
    const { blocks } = matrix;
    for (const [first, rows] of [
      [0, O],
      [3, 7],
      [71, 1],
    ] as const) {
      const lent = matrix.window(first, rows, (bytes) => blockValues(blocks!, bytes, I));
      within(`${name} rows ${first} and ${rows} more`, lent, values.subarray(first * I, (first + rows) * I), exact);
    }
    const stored = [...source.tensors].reduce(
      (sum, [part, { bytes }]) => sum + (/g_idx|shape|format$/.test(part) ? 0 : bytes),
      0,
    );
    const zeros = blocks!.bits === 8 ? 0 : (source.tensors.get(NAME.replace("weight", "qzeros"))?.bytes ?? 0);
    expect(matrix.window(0, O, (bytes) => bytes.length)).toBe(stored + zeros);
  });

  it("refuses rows that it does not have, by name", () => {
    expect(codeOf(() => matrix.widen(70, 3, new Float32Array(3 * I)))).toBe("E_ARG_ROWS");
    expect(codeOf(() => matrix.widen(0, 2, new Float32Array(I)))).toBe("E_ARG_ROWS");
    expect(codeOf(() => matrix.window(70, 3, () => {}))).toBe("E_ARG_ROWS");
    expect(() => matrix.window(-1, 1, () => {})).toThrow(NAME);
  });

  it("reads at most 1 MiB at a time", () => {
    expect(Math.max(...source.windows.map(({ length }) => length))).toBeLessThanOrEqual(2 ** 20);
  });
});

describe("a matrix whose groups are no blocks of one size, a multiple of 32 inputs", () => {
  const refusal = (name: string, packing: Packing, change: (bytes: Map<string, Uint8Array>) => void = () => {}) => {
    const bytes = bytesOf(name);
    change(bytes);
    const { matrix } = packedLayer(name, packing, bytes);
    expect(matrix.blocks).toBe(undefined);
    matrix.widen(0, O, new Float32Array(O * I));
    return codeOf(() => matrix.window(0, 1, () => {}));
  };

  it("lends no bytes: act-order with groups of different sizes", () => {
    const packing = { kind: "gptq", bits: 4, group: 32 } as const;
    expect(refusal("gptq-int4-act", packing, (bytes) => bytes.get("g_idx")!.fill(0, 0, 4 * 33))).toBe("E_ARG_WINDOW");
  });

  it("lends no bytes: groups of 16", () => {
    const packing = { kind: "compressed", bits: 8, group: 16, packed: false } as const;
    const weight = { format: "I8", shape: [2, 32], bytes: new Uint8Array(64).fill(7) };
    const scales = { format: "F32", shape: [2, 2], bytes: new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer) };
    const source = memorySource(
      new Map([
        [NAME, weight],
        [NAME.replace("weight", "weight_scale"), scales],
      ]),
    );
    const matrix = packedMatrix(source, { name: NAME, shape: [2, 32] }, packing, { block: undefined });
    expect(matrix.blocks).toBe(undefined);
    expect(codeOf(() => matrix.window(0, 1, () => {}))).toBe("E_ARG_WINDOW");
  });
});

describe("a matrix that the format's own library packed has the library's values", () => {
  const library = golden("packed/library");
  // bitsandbytes multiplies by a rounded 1/127 where we divide: its product is rounded twice more, ours once.
  it.each(CASES)("%s: the same bits; LLM.int8 within 2 ulp", (name, packing) => {
    const { matrix } = packedLayer(name, packing, bytesOf(name, "library"), "library");
    const into = new Float32Array(64 * 96);
    matrix.widen(0, 64, into);
    within(name, into, library.values(`${name}.values`), name === "llm-int8" ? ulp(2) : exact, [64, 96]);
  });
});

describe("a model packed as", () => {
  const { floors } = goldenJson<Manifest>("manifest.json");

  it.each(CASES)("%s gives Hugging Face's logits on the exact values within 4 x the floor", async (name) => {
    const checkpoint = openCheckpoint(goldenPath(`packed/${name}`));
    const ids = Uint32Array.from(goldenJson<{ ids: number[] }>(`packed/${name}.json`).ids);
    const f64 = golden(`packed/${name}.f64`);
    const taps = await recordTaps(reference, checkpoint.weights, checkpoint.config, ids, {
      want: (tap) => f64.has(tap),
    });
    expect(taps.length).toBe(2);
    for (const tap of taps) {
      const bound = floor(floors[`packed/${name}`]![tap.name]!);
      within(`${name} ${tap.name}`, tap.data.data, f64.values(tap.name), bound, tap.data.shape);
    }
    checkpoint.close();
  });

  it.each(CASES)("%s says which packing it found", (name, packing) => {
    const checkpoint = openCheckpoint(goldenPath(`packed/${name}`));
    expect(checkpoint.packing).toEqual(packing);
    checkpoint.close();
  });

  it.each(CASES)("%s takes no more as kernels keep it than is counted for it", (name, packing) => {
    const checkpoint = openCheckpoint(goldenPath(`packed/${name}`));
    const { weights, source } = checkpoint;
    const layers = [...weights.layers()].flatMap(([, layer]) => Object.values(layer) as readonly AnyTensor[]);
    const all = [...new Set<AnyTensor>([weights.E, weights.U, ...layers])].filter((tensor) => tensor !== undefined);
    const sizes = all.map((tensor) => {
      const [rows = 0] = tensor.shape;
      return isStored(tensor) ? tensor.window(0, rows, (bytes) => bytes.length) : 0;
    });
    const kept = sizes.reduce((sum, size) => sum + size, 0);
    const counted = keptBytes(source.tensors, packing);
    expect(kept).toBeLessThanOrEqual(counted);
    expect(kept).toBeGreaterThan(0.8 * counted); // gains and biases, and what blocks have not
    checkpoint.close();
  });
});

describe("damaged values are refused when they are met", () => {
  const widen = (name: string, packing: Packing, change: (bytes: Map<string, Uint8Array>) => void) => {
    const bytes = bytesOf(name);
    change(bytes);
    const { matrix } = packedLayer(name, packing, bytes);
    return codeOf(() => matrix.widen(0, O, new Float32Array(O * I)));
  };
  const half = (bits: number) => (bytes: Map<string, Uint8Array>) =>
    bytes.get("scales")!.set([bits & 255, bits >> 8], 2 * 5);
  const packingOf = (name: string) => CASES.find(([case_]) => case_ === name)![1];

  it.each([
    ["NaN", 0x7e00],
    ["an infinity", 0x7c00],
    ["a negative number", 0xbc00],
    ["0", 0],
  ])("a scale that is %s: E_Q_SCALE", (_, bits) => {
    expect(widen("awq", packingOf("awq"), half(bits))).toBe("E_Q_SCALE");
    expect(widen("gptq-int4", packingOf("gptq-int4"), half(bits))).toBe("E_Q_SCALE");
  });

  it("a subnormal half is an ordinary scale", () => {
    expect(widen("awq", packingOf("awq"), half(1))).toBe("nothing");
  });

  it("SCB may be 0, for a row of zeros, but not subnormal: E_Q_SCALE", () => {
    const scb = (value: number) => (bytes: Map<string, Uint8Array>) =>
      bytes.get("SCB")!.set(new Uint8Array(Float32Array.of(value).buffer), 4 * 5);
    expect(widen("llm-int8", packingOf("llm-int8"), scb(0))).toBe("nothing");
    expect(widen("llm-int8", packingOf("llm-int8"), scb(1e-40))).toBe("E_Q_SCALE");
  });

  it("-128 under a symmetric scheme, and another layout than rows: E_Q_RANGE", () => {
    const int8 = packingOf("llm-int8");
    expect(widen("llm-int8", int8, (bytes) => bytes.get("weight")!.set([0x80], 777))).toBe("E_Q_RANGE");
    expect(widen("llm-int8", int8, (bytes) => bytes.get("weight_format")!.set([1]))).toBe("E_Q_RANGE");
  });

  it("a group that has no scale, and a zero point that wraps: E_Q_RANGE", () => {
    const act = packingOf("gptq-int4-act");
    expect(widen("gptq-int4-act", act, (bytes) => bytes.get("g_idx")!.set([5], 4 * 9))).toBe("E_Q_RANGE");
    expect(widen("gptq-int4-act", act, (bytes) => bytes.get("g_idx")!.set([255, 255, 255, 255], 0))).toBe("E_Q_RANGE");
    expect(widen("gptq-int4-act", act, (bytes) => bytes.get("qzeros")!.fill(0xff, 0, 1))).toBe("E_Q_RANGE");
  });

  it("weight_shape that says another shape: E_Q_SHAPE", () => {
    expect(widen("ct-w4a16", packingOf("ct-w4a16"), (bytes) => bytes.get("weight_shape")!.set([1], 0))).toBe(
      "E_Q_SHAPE",
    );
  });
});
