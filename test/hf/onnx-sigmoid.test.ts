/** What the policy absolute-sigmoid grants, beside what ONNX Runtime does. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { policyOf } from "../../src/oracle/numbers/policies.ts";
import { PYTHON } from "../support/real.ts";

interface Measured {
  readonly largest: number;
}

describe.skipIf(!existsSync(PYTHON))("ONNX Runtime's sigmoid (npm run setup)", () => {
  it("is off by no more than the policy grants, and by more than a third of it, on 5 million values", () => {
    const script = join(import.meta.dirname, "oracle/sigmoid.py");
    const { largest } = JSON.parse(execFileSync(PYTHON, [script], { encoding: "utf8" })) as Measured;
    const granted = policyOf("absolute-sigmoid").sigmoidError;
    expect(largest).toBeLessThanOrEqual(granted);
    expect(largest).toBeGreaterThan(granted / 3);
  });
});
