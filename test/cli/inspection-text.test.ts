import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/errors.ts";
import { QWQ_32B } from "../../src/config.ts";
import type { Inspection } from "../../src/cli/inspection.ts";
import { inspectionText } from "../../src/cli/inspection-text.ts";
import { expectedWeights } from "../../src/files/names.ts";

const tensors = expectedWeights(QWQ_32B, "safetensors").map(({ name, shape }) => ({
  name,
  dtype: "BF16",
  shape,
  bytes: 2 * shape.reduce((product, n) => product * n, 1),
}));

const qwq: Inspection = {
  path: "Qwen/QwQ-32B",
  format: "safetensors",
  version: undefined,
  files: 14,
  config: QWQ_32B,
  parameters: 32_763_876_352,
  bytes: 65_527_752_704,
  dtypes: { BF16: { tensors: 771, parameters: 32_763_876_352, bytes: 65_527_752_704 } },
  tensors,
  tokenizer: { size: 151_669, added: 26, merges: 151_387, pattern: "qwen2", nfc: true },
  template: { known: "QwQ-32B", characters: 2762, sha256: "cb2d7aa140bed098f4ac8ab1a403980e" },
  generation: {
    stop: [151_645, 151_643],
    bos: 151_643,
    pad: 151_643,
    sample: true,
    temperature: 0.6,
    topK: 40,
    topP: 0.95,
    minP: undefined,
    repetitionPenalty: 1,
    maxTokens: undefined,
  },
  warnings: [],
};

describe("inspectionText", () => {
  it("shows QwQ-32B's 771 tensors in 15 lines, all within 80 columns", () => {
    const text = inspectionText(qwq);
    expect(text).toBe(
      `Qwen/QwQ-32B

format      safetensors in 14 files, 771 tensors, 65.5 GB
parameters  32,763,876,352
dtypes      BF16 771 tensors (65.5 GB)
config      qwen2, 64 layers, 5,120 channels,
            40 query and 8 key/value heads of 128, feed-forward 27,648,
            vocabulary 152,064, context 40,960, RMSNorm eps 1e-5,
            RoPE theta 1,000,000, no YaRN, an unembedding of its own,
            biases on q, k and v
tokenizer   151,669 tokens, 26 of them added, 151,387 merges, pattern qwen2, NFC
template    that of QwQ-32B, 2,762 characters, sha256 cb2d7aa140bed098...
generation  stops at 151645 or 151643, temperature 0.6, top-k 40, top-p 0.95,
            repetition penalty 1
TENSORS
`.replace("TENSORS", text.slice(text.indexOf("\nmodel.embed_tokens"), -1)),
    );
    const lines = text.split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.filter((line) => / BF16 /.test(line) && line.startsWith("model.layers.{0..63}."))).toHaveLength(12);
    expect(text).toContain("model.layers.{0..63}.mlp.gate_proj.weight      [27648 5120]  BF16  283.1 MB each\n");
    expect(text).toContain("lm_head.weight                                [152064 5120]  BF16    1.6 GB\n");
  });

  it("sets apart layers whose tensors differ, and numbers a single one", () => {
    const [first] = tensors.filter(({ name }) => name === "model.layers.0.mlp.up_proj.weight");
    const made = [0, 1, 3, 4, 5, 9].map((l) => ({ ...first!, name: `model.layers.${l}.mlp.up_proj.weight` }));
    const text = inspectionText({
      ...qwq,
      tensors: [...made, { ...first!, name: "model.layers.2.mlp.up_proj.weight", dtype: "F16" }],
    });
    expect(text).toContain("model.layers.{0..1,3..5,9}.mlp.up_proj.weight [27648 5120]  BF16  283.1 MB each\n");
    expect(text).toContain("model.layers.2.mlp.up_proj.weight             [27648 5120]  F16   283.1 MB\n");
  });

  it("says what is missing, what the weights told, and what may be wrong", () => {
    const text = inspectionText({
      ...qwq,
      format: "gguf",
      version: 3,
      files: 1,
      tokenizer: null,
      template: null,
      weights: {
        largest: 3.25,
        nonfinite: [{ tensor: "lm_head.weight", row: 1, column: 2, value: NaN }],
        zeroRows: [{ tensor: "model.norm.weight", rows: 1 }],
        damaged: [new FormatError("E_WEIGHT_NONFINITE", "x"), new FormatError("E_Q_RANGE", "y")],
        suspicions: [],
      },
      warnings: ["x: W_DTYPE: it says so."],
    });
    expect(text).toContain("format      GGUF version 3 in one file, 771 tensors, ");
    expect(text).toContain("tokenizer   none\ntemplate    none\n");
    expect(text).toContain(
      "\nweights     1 tensor with NaN or infinity, the first in lm_head.weight,\n" +
        "            1 tensor with scales or integers out of range,\n" +
        "            the largest is 3.250 in size, 1 row of zeros in model.norm.weight\n",
    );
    expect(text).toMatch(/\n\nwarning: x: W_DTYPE: it says so\.\n$/);
  });
});
