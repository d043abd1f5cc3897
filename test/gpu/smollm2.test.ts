/** A real model, quantised to int8: every backend of a GPU writes the reference's tokens on the same weights. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gpujsBackend } from "../../kernels/gpujs/index.ts";
import { wgslBackend } from "../../kernels/wgsl/index.ts";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { forward } from "../../src/model.ts";
import type { Ops } from "../../src/ops.ts";
import { reference } from "../../src/reference/index.ts";
import { qwq } from "../support/cli.ts";
import { Buffers } from "../support/gpu.ts";
import { SMOLLM2 } from "../support/real.ts";

const TOKENS = 10;
/** A difference between the two likeliest logits that float32 may turn round. */
const NEAR = 1e-3;
const PROMPT = [260, 6376, 504, 3575]; // some words of its vocabulary

describe.skipIf(!existsSync(SMOLLM2))("SmolLM2-135M as int8-g64 (npm run setup)", () => {
  const folder = mkdtempSync(join(tmpdir(), "qwq-gpu-"));
  const model = join(folder, "model");
  let expected: { readonly tokens: number[]; readonly margins: number[] };
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Greedy tokens, and how far the second was behind each. */
  async function greedy(ops: Ops) {
    const checkpoint = openCheckpoint(model, { pin: 2 ** 30 });
    const { config, weights } = checkpoint;
    const caches = ops.cache(config, PROMPT.length + TOKENS);
    const [tokens, margins]: [number[], number[]] = [[], []];
    let next = Uint32Array.from(PROMPT);
    while (tokens.length < TOKENS) {
      const { data } = await ops.scope(() => ops.download(forward(ops, weights, next, caches)));
      const last = data.subarray(-config.vocabulary);
      const [first, second] = [...last].sort((a, b) => b - a) as [number, number];
      tokens.push(last.indexOf(first));
      margins.push(first - second);
      next = Uint32Array.of(tokens.at(-1)!);
    }
    checkpoint.close();
    return { tokens, margins };
  }

  beforeAll(async () => {
    const { code, stderr } = await qwq(["quantize", SMOLLM2, model, "--type", "int8-g64", "--quiet"]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expected = await greedy(reference);
  });

  /** The reference's tokens up to its first near tie. */
  function toBeginAlike(tokens: readonly number[]): void {
    const tie = expected.margins.findIndex((margin) => margin < NEAR);
    const clear = tie < 0 ? tokens.length : Math.min(tie, tokens.length);
    expect(clear).toBeGreaterThan(0);
    expect(tokens.slice(0, clear)).toEqual(expected.tokens.slice(0, clear));
  }

  it.each(["webasm", "cpu"] as const)("gpujs:%s", async (mode) => {
    const ops = await gpujsBackend({ mode });
    toBeginAlike((await greedy(ops)).tokens);
    expect(ops.rounded.matrices).toBe(0);
    ops.close();
  });

  it("gpujs:webgpu, with never more bytes on the device than 1.45 of the packed weights and the cache", async () => {
    const ops = await gpujsBackend({ mode: "webgpu" });
    const buffers = await Buffers.watch();
    toBeginAlike((await greedy(ops)).tokens);
    const { weights, cache } = ops.bytes;
    expect(ops.rounded.matrices).toBe(0);
    // 64 integers are 22 words and a scale; the embedding, which is the head too, is float32.
    expect(weights).toBe(106_168_320 * (23 / 16) + 49_152 * 576 * 4);
    expect(buffers.peak / (weights + cache)).toBeLessThan(1.45);
    buffers.stop();
    ops.close();
  });

  it("wgsl, with no more than that when it is done", async () => {
    const ops = await wgslBackend();
    toBeginAlike((await greedy(ops)).tokens);
    const { device, weights, cache } = ops.bytes;
    expect(device / (weights + cache)).toBeLessThan(1.45);
    ops.close();
  });
});
