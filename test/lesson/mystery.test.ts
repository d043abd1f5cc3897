import { expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { bundleOf } from "../../src/lesson/bundles.ts";
import { goldenJson, goldenPath } from "../../src/lesson/golden.ts";
import { mystery } from "../../src/lesson/mystery.ts";
import { compareBundles } from "../../src/oracle/compare.ts";
import { diagnose } from "../../src/oracle/diagnose.ts";
import { measureNoise } from "../../src/oracle/noise.ts";
import { policyOf } from "../../src/oracle/numbers/policies.ts";
import { record } from "../../src/oracle/record.ts";
import { reference } from "../../src/reference/index.ts";

const model = openCheckpoint(goldenPath("model/tiny"));
const ids = Uint32Array.from(goldenJson<{ ids: number[] }>("model/tiny.json").ids);
const taken = async (ops: typeof reference) => record(ops, model, ids, { tier: "full" });
const noise = measureNoise(model, ids, { policies: [policyOf("f32")], local: false });

it("a bundle of a notebook is the reference if it has noise, else a candidate, and both can be compared", async () => {
  const taps = await taken(reference);
  const [right, same] = [bundleOf("right", ids, taps, noise), bundleOf("same", ids, taps)];
  expect([right.manifest.role, same.manifest.role]).toEqual(["reference", "candidate"]);
  expect(same.read("1.mid")!.data).toEqual(taps.find(({ name }) => name === "1.mid")!.data.data);
  expect(same.entry("1.mid")!.stats!.rms).toBeCloseTo(taps.find(({ name }) => name === "1.mid")!.stats.rms, 5);
  expect(compareBundles(right, same)).toMatchObject({ verdict: "pass", first: null });
});

it("the mystery is wrong in one line of the last layer, run after run", async () => {
  const right = bundleOf("right", ids, await taken(reference), noise);
  const engine = mystery();
  for (const time of ["first", "second"]) {
    const wrong = bundleOf(time, ids, await taken(engine));
    expect(compareBundles(right, wrong)).toMatchObject({ verdict: "fail", first: { tap: "2.kr" } });
    const { diagnosis, none } = diagnose(wrong, model);
    expect([diagnosis[0]!.code, diagnosis[0]!.variant, none]).toEqual(["rope-offset", "positions +1, k alone", false]);
  }
});
