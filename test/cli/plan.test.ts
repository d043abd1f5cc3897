import { describe, expect, it } from "vitest";
import type { Plan } from "../../src/library/plan.ts";
import { qwq } from "../support/cli.ts";

describe("qwq plan", () => {
  it("needs no file for QwQ-32B, and gives every number with --json", async () => {
    const { code, stdout, stderr } = await qwq(["plan", "qwq-32b", "--context", "131072", "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    const found = JSON.parse(stdout) as Plan & { readonly disk: unknown };
    expect(found).toMatchObject({ model: "qwq-32b", disk: null, parameters: 32_763_876_352, tensors: 771 });
    expect(found).toMatchObject({ context: 131_072, needsYarn: true, cachePerToken: { bf16: 262_144 } });
    expect(found.forms.find(({ key }) => key === "bf16")!.bytes).toBe(65_527_752_704);
    expect(found.sizes).toHaveLength(8);
    expect(found.machine).toBe(found.sizes[7]);
  });

  it("plans a checkpoint, and says what lies on disk", async () => {
    const { code, stdout, stderr } = await qwq(["plan", "golden/model/tiny"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^golden\/model\/tiny: 211,776 parameters in 39 tensors, 3 layers\non disk: 423\.6 kB of BF16\n/,
    );
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("ends with 66 for a model that is not there and with 2 for a context of none", async () => {
    expect((await qwq(["plan", "no/such/model"])).code).toBe(66);
    expect((await qwq(["plan", "qwq-32b", "--context", "0"])).code).toBe(2);
  });
});
