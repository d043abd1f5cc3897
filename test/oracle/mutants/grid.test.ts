import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../../src/files/checkpoint.ts";
import { openBundle } from "../../../src/oracle/bundle-read.ts";
import { writeBundle } from "../../../src/oracle/bundle.ts";
import { diagnose } from "../../../src/oracle/diagnose.ts";
import { gridOf, shiftedBy } from "../../../src/oracle/mutants/grid.ts";
import { recordTaps } from "../../../src/oracle/taps.ts";
import { FORMATS } from "../../../src/quant/index.ts";
import { NARROWS } from "../../../src/quant/narrow.ts";
import { reference } from "../../../src/reference/index.ts";
import { host, type Stored } from "../../../src/tensor.ts";
import type { Weights } from "../../../src/weights.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { gguf } from "../../support/gguf.ts";
import { goldenPath } from "../../support/golden.ts";
import { ggufPairs, ggufTensors, SMALL } from "../../support/small.ts";

const IDS = Uint32Array.of(3, 7, 11);

/** A GGUF file whose matrices are in blocks of that format. */
function quantised(format: string): string {
  const { narrow, format: to } = NARROWS.get(format)!;
  const tensors = ggufTensors(SMALL).map((one) => {
    if (one.ne.length < 2) return one;
    const x = new Float32Array(one.data.slice().buffer);
    const data = new Uint8Array((x.length / to.block) * to.bytes);
    narrow(x, 0, x.length / to.block, data, 0);
    return { ...one, type: format, data };
  });
  const path = join(temporaryFolder(), "model.gguf");
  writeFileSync(path, gguf({ pairs: ggufPairs(SMALL), tensors }));
  return path;
}

/** Values of a matrix whose codes were read with another zero point, from the bytes themselves. */
function misread(W: Stored<string>, by: number): Float32Array {
  const [rows = 0, columns = 0] = W.shape;
  const { block, bytes, widen } = FORMATS.get(W.format)!;
  const into = new Float32Array(rows * columns);
  W.window(0, rows, (all) => {
    for (let b = 0; b < into.length / block; b++) {
      const one = all.slice(b * bytes, (b + 1) * bytes);
      widen(one, 0, 1, into, b * block);
      const exponent = (one[1]! >> 2) & 31;
      const d = (one[1]! & 128 ? -1 : 1) * (1 + (((one[1]! & 3) << 8) | one[0]!) / 1024) * 2 ** (exponent - 15);
      for (let i = b * block; i < (b + 1) * block; i++) into[i] = Math.fround(into[i]! + by * d);
    }
  });
  return into;
}

/** The diagnosis of an engine that misreads one matrix of layer 1. */
async function diagnosed(path: string, name: "Wq" | "Wup" | "Wdown", by: number) {
  const checkpoint = openCheckpoint(path);
  const { weights, config } = checkpoint;
  const wrong: Weights = {
    ...weights,
    E: weights.E,
    layers: () =>
      [...weights.layers()].map(([l, W]) => {
        const own = W[name] as unknown as Stored<string>;
        return [l, l === 1 ? { ...W, [name]: host(own.shape, misread(own, by)) } : W] as const;
      }),
  };
  const taps = await recordTaps(reference, wrong, config, IDS);
  const out = join(temporaryFolder(), "c.oracle");
  const stats = { absmax: 0, rms: 0, nonfinite: 0 };
  const rows = [...IDS.keys()];
  const head = { role: "candidate" as const, engine: "a test", model: {}, producer: {}, policy: "f32" };
  writeBundle(
    out,
    { ...head, input: { ids: [...IDS] } },
    taps.map((tap) => ({ ...tap, rows, stats })),
  );
  const bundle = openBundle(out);
  try {
    return diagnose(bundle, checkpoint);
  } finally {
    bundle.close();
    checkpoint.close();
  }
}

describe("a zero point that is off, where the grid is known", () => {
  it.each([
    ["Q8_0", "Wup", 1, "1.up", "up, Q8_0 codes + 1"],
    ["Q8_0", "Wq", -1, "1.q", "q, Q8_0 codes - 1"],
    ["Q4_0", "Wdown", 1, "1.down", "down, Q4_0 codes + 1"],
    ["Q4_0", "Wup", 8, "1.up", "up, Q4_0 codes + 8"],
  ] as const)("%s: %s by %i is found at %s from three rows, and named", async (format, name, by, tap, variant) => {
    const { first, diagnosis, none } = await diagnosed(quantised(format), name, by);
    expect([first?.tap, none]).toEqual([tap, false]);
    expect(diagnosis[0]).toMatchObject({ code: "dequant-offset", variant });
    expect(diagnosis[0]!.margin).toBeGreaterThan(3);
  });

  it("half a step fits no mutant", async () => {
    const { diagnosis, none } = await diagnosed(quantised("Q8_0"), "Wdown", 0.5);
    expect([none, diagnosis[0]?.variant?.includes("codes") ?? false]).not.toEqual([false, true]);
  });
});

/** Whatever the form, W is a whole number of its own steps. */
it.each(["packed/awq", "packed/gptq-int4", "packed/gptq-int8", "packed/llm-int8", "packed/ct-int8", "packed/ct-w4a16"])(
  "the grid of %s is that of its values",
  (name) => {
    const checkpoint = openCheckpoint(goldenPath(name));
    const W = [...checkpoint.weights.layers()][0]![1].Wup as unknown as Stored<"F C">;
    const grid = gridOf(W)!;
    const [rows = 0, columns = 0] = W.shape;
    const [plain, moved] = [new Float32Array(rows * columns), new Float32Array(rows * columns)];
    W.widen(0, rows, plain);
    shiftedBy(W, grid, 1).widen(0, rows, moved);
    checkpoint.close();
    for (const [i, w] of plain.entries()) {
      const codes = w / (moved[i]! - w);
      expect(Math.abs(codes - Math.round(codes))).toBeLessThan(0.05);
    }
  },
);

it("a plain matrix has no grid", () => {
  const plain = openCheckpoint(goldenPath("model/tiny"));
  expect(gridOf([...plain.weights.layers()][0]![1].Wq)).toBeUndefined();
  plain.close();
});
