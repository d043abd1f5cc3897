import { describe, expect, it } from "vitest";
import { planText } from "../../src/cli/plan-text.ts";
import { QWQ_32B } from "../../src/config.ts";
import { plan } from "../../src/library/plan.ts";
import { SMALL } from "../support/checkpoints.ts";

const text = (context: number, machine = 24e9) =>
  planText({ model: "qwq-32b", disk: undefined, plan: plan(QWQ_32B, context, machine) });

describe("planText", () => {
  it.each([1, 4096, 40_960, 131_072, 16_777_216])("fits 80 columns at a context of %i", (context) => {
    const lines = text(context, 3e12).split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it("gives QwQ-32B's bytes, its cache, and the most tokens beside the weights", () => {
    const found = text(40_960);
    expect(found).toContain("bfloat16, as published       65,527,752,704     65.53     61.03            63.97\n");
    expect(found).toContain("AWQ int4, groups of 128      19,328,804,864     19.33     18.00            17.77\n");
    expect(found).toContain("\nbfloat16         262,144   1.1 GB   2.1 GB   8.6 GB  10.7 GB  34.4 GB\n");
    expect(found).toMatch(/\nAWQ int4, groups of 128 +- +- +15\.9k +46\.4k /);
  });

  it('corrects "from 24 GB to 8 GB", for QwQ-32B alone', () => {
    expect(text(4096)).toContain(
      'It is often said that "8-bit takes it from 24 GB to 8 GB". In truth:\n' +
        "16 bits 65.5 GB, 8 bits 32.8 to 35.1, 4 bits 16.4 to 19.8, Q2_K 12.3.\n",
    );
    expect(planText({ model: "x", disk: undefined, plan: plan(SMALL, 256, 1e9) })).not.toContain("often said");
  });

  it("says what a context needs that is longer than the model's own, and when a run does not fit", () => {
    expect(text(131_072)).toMatch(
      /\nA run here with 131,072 tokens, weights read from disk, under YaRN\n[^]*does not fit/,
    );
    expect(text(4096)).toMatch(/\nA run here with 4,096 tokens, weights read from disk\n[^]*\nIt fits\.\n/);
  });
});
