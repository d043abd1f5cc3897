import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { QWQ_32B } from "../../src/config.ts";
import { writeBundle } from "../../src/oracle/bundle.ts";
import { noiseText } from "../../src/oracle/noise-file.ts";
import { measureNoise } from "../../src/oracle/noise.ts";
import { policyOf } from "../../src/oracle/numbers/policies.ts";
import { measureRate } from "../../src/oracle/numbers/rate.ts";
import { noiseOf, planRecording, type PlanOptions } from "../../src/oracle/plan.ts";
import { record, recordingOps } from "../../src/oracle/record.ts";
import { failure, temporaryFolder } from "../support/folder.ts";
import { model } from "../support/models.ts";

const tiny = model("tiny");
const { config } = tiny.checkpoint;
const none = { policies: [], local: false };
const of = (options: Partial<PlanOptions>, of = config) =>
  planRecording(of, { tokens: tiny.ids.length, tier: "full", ...none, ...options });

describe("a plan", () => {
  it.each([
    { tier: "full" },
    { tier: "resid" },
    { tier: "sketch" },
    { tier: "full", layers: "1", taps: "qr,kr" },
  ] as const)("of %o is what is then written: values to the byte, the rest within a tenth", async (selection) => {
    const plan = of(selection);
    const folder = join(temporaryFolder(), "b.oracle");
    const taps = await record(recordingOps(), tiny.checkpoint, tiny.ids, selection);
    const input = { ids: [...tiny.ids] };
    const manifest = writeBundle(folder, { role: "reference", model: {}, producer: {}, policy: "f32", input }, taps);
    expect(plan.taps.map(({ name, rows, columns }) => [name, [rows, columns]])).toEqual(
      manifest.taps.map(({ name, shape }) => [name, shape]),
    );
    expect(plan.bundle.values).toBe(taps.reduce((sum, { data }) => sum + data.data.byteLength, 0));
    const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    const headers = bytes - plan.bundle.values;
    expect(Math.abs(plan.bundle.headers - headers)).toBeLessThan(0.1 * headers + 1000);
  });

  it("knows the size of noise.json within a fifth, and counts its runs", () => {
    const chosen = noiseOf("usual");
    const plan = of(chosen);
    const policies = chosen.policies.map(policyOf);
    const noise = measureNoise(tiny.checkpoint, tiny.ids, { policies, local: false });
    const path = join(temporaryFolder(), "noise.json");
    writeFileSync(path, noiseText(noise));
    expect(plan.bundle.noise / statSync(path).size).toBeGreaterThan(0.8);
    expect(plan.bundle.noise / statSync(path).size).toBeLessThan(1.2);
    expect(plan.noise.runs).toBe(1 + policies.reduce((sum, { ways }) => sum + ways.length, 0));
    expect(plan.products).toBe(of({}).products * (1 + plan.noise.runs));
  });

  it("of QwQ-32B: a layer is 0.975 GB in bfloat16, a sketch of all taps for 16 tokens below 5 MB", () => {
    const plan = of({ tokens: 16, tier: "sketch" }, QWQ_32B);
    expect(plan.taps).toHaveLength(963);
    expect(plan.weights.layer).toBe(2 * (487_587_840 + 17_408));
    expect(plan.bundle.total).toBeLessThan(5e6);
    expect(plan.products).toBe(16 * (64 * 487_587_840 + 152_064 * 5120));
  });

  it("counts the layers up to the last one that is wanted, and the head where logits are", () => {
    expect(of({ taps: "logits" })).toMatchObject({ runLayers: 3 });
    const [first, all] = [of({ layers: "0", taps: "qr" }), of({})];
    expect(first.runLayers).toBe(1);
    expect(first.weights.needed).toBeLessThan(all.weights.needed / 3);
  });

  it("refuses what a recording would", () => {
    expect(failure(() => of({ tokens: 0 })).code).toBe("E_ARG_CONTEXT");
    expect(failure(() => of({ layers: "9" })).code).toBe("E_ARG_LAYERS");
    expect(failure(() => of({ taps: "x" })).code).toBe("E_ARG_TAPS");
  });
});

it("this computer does more than a million products a second", () => {
  expect(measureRate(4)).toBeGreaterThan(1e6);
});
