import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { randomTensors, SMALL, temporaryFolder, writeFolder } from "../support/checkpoints.ts";
import { qwq } from "../support/cli.ts";
import type { Inspection } from "../../src/cli/inspection.ts";

describe("qwq inspect", () => {
  it("shows the embedded model within 80 columns, its layers in one line a tensor", async () => {
    const { code, stdout, stderr } = await qwq(["inspect", "--weights", "golden/model/tiny"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toContain("\nparameters  211,776\n");
    expect(stdout).toContain("model.layers.{0..2}.self_attn.q_proj.weight      [80 80]  BF16   12.8 kB each\n");
    expect(stdout).toContain("\ntemplate    that of QwQ-32B, ");
    expect(stdout).toContain("\nweights     all finite, ");
  });

  it("gives every tensor with --json: name, dtype, shape, bytes", async () => {
    const x = JSON.parse((await qwq(["inspect", "--json", "golden/model/tiny"])).stdout) as Inspection;
    expect(x.tensors).toHaveLength(39);
    expect(x.tensors.find(({ name }) => name === "lm_head.weight")).toEqual({
      name: "lm_head.weight",
      dtype: "BF16",
      shape: [544, 80],
      bytes: 87_040,
    });
    expect(x.tensors.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(x.bytes);
    expect(x.tokenizer).toMatchObject({ added: 26, pattern: "qwen2", nfc: true });
    expect(x.template?.known).toBe("QwQ-32B");
    expect(x.generation).toMatchObject({ stop: [508, 506], temperature: 0.6, topK: 40, topP: 0.95 });
  });

  it("shows a model that has no tokenizer and no template", async () => {
    const ran = await qwq(["inspect", "golden/model/yarn"]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/\ntokenizer {3}none\ntemplate {4}none\n/);
  });

  it("ends with 65 and names the place of a NaN with --weights, after the whole report", async () => {
    const tensors = randomTensors(SMALL, "safetensors");
    const name = "model.layers.1.mlp.up_proj.weight";
    const { bytes } = tensors.get(name)!;
    new Float32Array(bytes.buffer, bytes.byteOffset)[3 * 32 + 5] = NaN;
    const path = writeFolder(temporaryFolder(), SMALL, { tensors });
    const [text, json] = await Promise.all([
      qwq(["inspect", "--weights", path]),
      qwq(["inspect", "--weights", "--json", path]),
    ]);
    const file = join(path, "model.safetensors");
    expect(text.stderr).toBe(
      `qwq: ${file}: expected finite weights, got NaN in row 3, column 5 ("${name}"). The file is damaged; get it again.\n`,
    );
    expect([text.code, json.code]).toEqual([65, 65]);
    expect(text.stdout).toContain(`weights     1 tensor with NaN or infinity, the first in ${name},`);
    expect((JSON.parse(json.stdout) as Inspection).weights?.nonfinite).toEqual([
      { tensor: name, row: 3, column: 5, value: "NaN" },
    ]);
  });

  it("ends with 65 for a truncated file, and prints no half report", async () => {
    const path = writeFolder(temporaryFolder());
    const file = join(path, "model.safetensors");
    writeFileSync(file, readFileSync(file).subarray(0, -4));
    const ran = await qwq(["inspect", path]);
    expect([ran.code, ran.stdout]).toEqual([65, ""]);
    expect(ran.stderr).toMatch(/^qwq: .*model\.safetensors: expected [^\n]+\n$/);
  });
});
