/** A real model, quantised to int8: every mode writes the reference's tokens on the same weights. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gpujsBackend } from "../../kernels/gpujs/index.ts";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { forward } from "../../src/model.ts";
import type { Ops } from "../../src/ops.ts";
import { reference } from "../../src/reference/index.ts";
import { qwq } from "../support/cli.ts";
import { SMOLLM2 } from "../support/real.ts";

const TOKENS = 10;
/** A difference between the two likeliest logits that float32 may turn round. */
const NEAR = 1e-3;
const PROMPT = [260, 6376, 504, 3575]; // some words of its vocabulary

describe.skipIf(!existsSync(SMOLLM2))("SmolLM2-135M as int8 (npm run setup)", () => {
  const folder = mkdtempSync(join(tmpdir(), "qwq-gpu-"));
  let expected: { readonly tokens: number[]; readonly margins: number[] };
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Greedy tokens, and how far the second was behind each. */
  async function greedy(ops: Ops, model: string) {
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

  const models = ["int8", "int8-g64"] as const;
  beforeAll(async () => {
    for (const type of models) {
      const { code, stderr } = await qwq(["quantize", SMOLLM2, join(folder, type), "--type", type, "--quiet"]);
      expect(stderr).toBe("");
      expect(code).toBe(0);
    }
  });

  describe.each(models)("%s", (type) => {
    const model = join(folder, type);
    beforeAll(async () => {
      expected = await greedy(reference, model);
    });

    it.each(["webasm", "cpu", "webgpu"] as const)("%s", async (mode) => {
      const ops = await gpujsBackend({ mode });
      const { tokens } = await greedy(ops, model);
      const tie = expected.margins.findIndex((margin) => margin < NEAR);
      const clear = tie < 0 ? TOKENS : tie;
      expect(clear).toBeGreaterThan(0);
      expect(tokens.slice(0, clear)).toEqual(expected.tokens.slice(0, clear));
      expect(ops.rounded.matrices).toBe(0);
      ops.close();
    });
  });
});
