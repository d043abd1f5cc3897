/** Bundles from real producers: each must hold the reference's own activations, to the noise of float32. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { qwq } from "../support/cli.ts";

const python = join(import.meta.dirname, "../../.cache/venv/bin/python");
const folder = mkdtempSync(join(tmpdir(), "qwq-importers-"));
const at = (name: string) => join(folder, name);

/** What float32 and the order of its sums do to one activation of this model: measured 8e-7; see docs/numerics.md. */
const NOISE = 5e-6;

describe.skipIf(!existsSync(python))("qwq oracle import", () => {
  beforeAll(async () => {
    execFileSync(python, [join(import.meta.dirname, "importers.py"), folder], { stdio: ["ignore", "ignore", "pipe"] });
    const ran = await qwq([
      "oracle",
      "record",
      "-m",
      at("model"),
      "--ids",
      at("ids.json"),
      "-o",
      at("reference.oracle"),
    ]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Imports, and gives the number of taps and the worst relative error against the reference. */
  async function imported(name: string, args: string[]): Promise<[taps: number, worst: number]> {
    const out = at(`${name}.oracle`);
    const ran = await qwq(["oracle", "import", ...args, "-o", out, "--quiet"]);
    expect(ran).toEqual({ code: 0, stdout: "", stderr: "" });
    const [reference, candidate] = [openBundle(at("reference.oracle")), openBundle(out)];
    expect(candidate.manifest).toMatchObject({ role: "candidate", input: { ids: reference.manifest.input.ids } });
    const errors = candidate.manifest.taps.map((tap) => {
      const [x, y] = [reference.read(tap.name)!.data, candidate.read(tap.name)!.data];
      expect(y.length, tap.name).toBe(x.length);
      let [difference, size] = [0, 0];
      x.forEach((value, i) => {
        difference += (value - y[i]!) ** 2;
        size += value * value;
      });
      return Math.sqrt(difference / size);
    });
    return [errors.length, Math.max(...errors)];
  }

  it.each<[name: string, taps: number, args: () => string[]]>([
    ["hf", 48, () => ["hf", at("model"), "--ids", at("ids.json"), "--python", python]],
    ["hf-sdpa", 48, () => ["hf", at("model"), "--ids", at("ids.json"), "--python", python, "--attention", "sdpa"]],
    // all but what RoPE turns, which no module hands out
    ["tree", 42, () => ["hf-debug-tree", at("tree")]],
    ["npz", 48, () => ["npz", at("taps.npz")]],
    ["npy", 48, () => ["npy-dir", at("npy"), "-m", at("model")]],
    ["pb", 48, () => ["onnx", at("pb")]],
    // ONNX Runtime turns q inside its attention, and adds the last layer's output inside the last norm
    ["onnx", 44, () => ["onnx", at("onnx.npz"), "-m", at("model")]],
  ])("%s: %i taps, each within 5e-6 of the reference", async (name, taps, args) => {
    const [count, worst] = await imported(name, args());
    expect([count, worst < NOISE], `worst ${worst}`).toEqual([taps, true]);
  });

  it("says what it needs to take q, k and v apart, and what failed in Python", async () => {
    const fused = await qwq(["oracle", "import", "onnx", at("onnx.npz"), "-o", at("x")]);
    expect([fused.code, existsSync(at("x"))]).toEqual([2, false]);
    expect(fused.stderr).toContain("expected -m MODEL");
    const broken = await qwq([
      "oracle",
      "import",
      "hf",
      at("ids.json"),
      "--ids",
      at("ids.json"),
      "--python",
      python,
      "-o",
      at("x"),
    ]);
    expect([broken.code, existsSync(at("x"))]).toEqual([74, false]);
    expect(broken.stderr).toContain("expected Python with torch and transformers");
  });
});
