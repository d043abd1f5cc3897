import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { LAYER_WEIGHTS, layerName } from "../../src/files/names.ts";
import { type AnyTensor, isHost, isStored } from "../../src/tensor.ts";
import { goldenJson } from "../support/golden.ts";
import { SMOLLM2 } from "../support/real.ts";

/** The hash of a tensor's float32 values, row by row. */
function hash(x: AnyTensor): string {
  const sum = createHash("sha256");
  if (isHost(x)) return sum.update(new Uint8Array(x.data.buffer, x.data.byteOffset, x.data.byteLength)).digest("hex");
  if (!isStored(x)) throw new Error("neither in memory nor stored");
  const [rows = 0, columns = 0] = x.shape;
  const step = 57; // not a divisor of a head's 64 rows
  const into = new Float32Array(step * columns);
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first);
    x.widen(first, count, into);
    sum.update(new Uint8Array(into.buffer, 0, 4 * count * columns));
  }
  return sum.digest("hex");
}

describe.skipIf(!existsSync(SMOLLM2))("SmolLM2-135M from its GGUF file", () => {
  it("all 272 tensors equal transformers' own loading bit for bit, q and k in its order of rows", () => {
    const expected = goldenJson<Record<string, string>>("quant/smollm2.json");
    const model = openCheckpoint(SMOLLM2);
    const { weights } = model;
    const found: Record<string, string> = {
      "model.embed_tokens.weight": hash(weights.E),
      "model.norm.weight": hash(weights.g),
      "lm_head.weight": hash(weights.U),
    };
    for (const [l, W] of weights.layers()) {
      for (const row of LAYER_WEIGHTS) {
        const x = W[row.ours];
        if (x !== undefined) found[layerName(row, l, "safetensors")] = hash(x);
      }
    }
    model.close();
    expect(found).toEqual(expected);
    expect(Object.keys(found)).toHaveLength(272 + 1); // tied: transformers lists the embedding twice
  });
});
