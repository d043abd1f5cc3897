/** The committed sketches of SmolLM2 as an engine's own tests would use them, and our kernels as that engine. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { wasmBackend } from "../../kernels/wasm/index.ts";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { writeBundle } from "../../src/oracle/bundle.ts";
import { compareBundles } from "../../src/oracle/compare.ts";
import { measureNoise } from "../../src/oracle/noise.ts";
import { policyOf } from "../../src/oracle/numbers/policies.ts";
import { record } from "../../src/oracle/record.ts";
import type { Report } from "../../src/oracle/report.ts";
import type { Ops } from "../../src/ops.ts";
import { temporaryFolder } from "../support/folder.ts";
import { goldenPath } from "../support/golden.ts";
import { SMOLLM2 } from "../support/real.ts";

describe.skipIf(!existsSync(SMOLLM2))("the sketches of SmolLM2, 453 taps of 16 tokens (npm run setup)", async () => {
  const golden = openBundle(goldenPath("oracle/smollm2.oracle"));
  const ids = Uint32Array.from(golden.manifest.input.ids);
  const checkpoint = openCheckpoint(SMOLLM2, { pin: 2 ** 30 });
  const noise = measureNoise(checkpoint, ids, { policies: [policyOf("f32")], local: false });
  const wasm = await wasmBackend({ threads: 1, activations: "f32" });

  async function judged(ops: Ops): Promise<Report> {
    const path = join(temporaryFolder(), "wasm.oracle");
    const input = { ids: [...ids] };
    const taps = await record(ops, checkpoint, ids, { tier: "full" });
    writeBundle(path, { role: "candidate", model: {}, producer: {}, engine: "wasm", policy: "f32", input }, taps);
    return compareBundles(golden, openBundle(path), { noise: () => noise, strict: true });
  }

  it("our wasm kernels in float32 pass, every tap below 3 noises", async () => {
    const { verdict, taps } = await judged(wasm);
    expect([verdict, taps.length]).toEqual(["pass", 453]);
  });

  it("gate and up exchanged in layer 12 alone are found there", async () => {
    let layer = 0;
    const swapped: Ops = {
      ...wasm,
      swiglu: (gate, up) => (layer++ === 12 ? wasm.swiglu(up, gate) : wasm.swiglu(gate, up)),
    };
    expect(await judged(swapped)).toMatchObject({ verdict: "fail", first: { tap: "12.act" } });
  });
});
