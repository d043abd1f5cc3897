import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { QwQ } from "../../src/library/qwq.ts";
import { reference } from "../../src/reference/index.ts";
import { temporaryFolder } from "../support/checkpoints.ts";
import { qwq } from "../support/cli.ts";
import { worst } from "../support/divergence.ts";
import { PYTHON } from "../support/real.ts";
import { floor, within } from "../support/within.ts";

interface Made {
  readonly prompt: number[];
  readonly formats: string[];
  /** Of every token of the prompt. */
  readonly f32: number[][];
  readonly f64: number[][];
  readonly next: number[];
}

const script = join(import.meta.dirname, "gguf_formats.py");

describe.skipIf(!existsSync(PYTHON))("a GGUF file of every number format, written by gguf-py (npm run setup)", () => {
  it("whole and in parts: logits within 4 x Hugging Face's floor of float64, and `qwq run` picks its tokens", async () => {
    const folder = temporaryFolder();
    const made = JSON.parse(execFileSync(PYTHON, [script, folder], { encoding: "utf8" })) as Made;
    const [f32, f64] = [made.f32.flat(), Float64Array.from(made.f64.flat())];
    const bits: string[] = [];
    for (const name of ["whole.gguf", "parts-00001-of-00004.gguf", "parts-00003-of-00004.gguf"]) {
      const model = await QwQ.load(join(folder, name));
      const formats = new Set([...model.checkpoint.source.tensors.values()].map(({ format }) => format));
      expect([...formats].sort()).toEqual([...made.formats].sort());
      const { data } = await reference.download(model.forward(made.prompt));
      within(`${name}: logits`, data, f64, floor(worst(Float32Array.from(f32), f64)));
      bits.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex"));
      model.close();
    }
    expect(new Set(bits).size).toBe(1);
    const ids = join(folder, "ids.json");
    writeFileSync(ids, JSON.stringify(made.prompt));
    const last = join(folder, "parts-00004-of-00004.gguf");
    const count = `${made.next.length}`;
    const ran = await qwq(["run", "-m", last, "--ids", ids, "--greedy", "--max-tokens", count, "--json"]);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toContain(JSON.stringify(made.next).slice(1, -1));
  });
});
