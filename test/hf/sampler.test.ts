import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readJson } from "../../src/json/json.ts";
import { samplerCase, type SamplerResult } from "../../src/oracle/sampler.ts";
import { PYTHON } from "../support/real.ts";

const script = join(import.meta.dirname, "sampler.py");

describe.skipIf(!existsSync(PYTHON))("sampler, against Hugging Face's processors (npm run setup)", () => {
  // golden/sampler has 300 of these; here are others, so that no rule is fitted to those.
  it.each([101, 102])("keeps the same ids in 2,000 drawn cases, probabilities within 1e-6 (seed %i)", (seed) => {
    const lines = execFileSync(PYTHON, [script, "2000", `${seed}`], { encoding: "utf8", maxBuffer: 2 ** 28 });
    const cases = lines.trimEnd().split("\n");
    expect(cases.length).toBe(2000);
    for (const text of cases) {
      const ours = samplerCase(readJson(text, "case"), "case");
      const theirs = JSON.parse(text) as SamplerResult;
      expect(ours.ids, text.slice(0, 2000)).toEqual(theirs.ids);
      const off = ours.probabilities.map((p, i) => Math.abs(p - theirs.probabilities[i]!));
      expect(Math.max(...off)).toBeLessThan(1e-6);
    }
  });
});
