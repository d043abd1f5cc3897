import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { qwqOnTiny as qwq } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";

describe("qwq oracle plan", () => {
  it("says what a recording of QwQ-32B takes without a file of it", async () => {
    const ran = await qwq(["oracle", "plan", "-m", "qwq-32b", "--tokens", "16", "--tier", "sketch"]);
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toContain("record   963 taps of 16 tokens, tier sketch\n");
    expect(ran.stdout).toContain("replay   of one layer reads 975.2 MB of weights\n");
  });

  it("and what is then written is no larger; nothing is written by the plan", async () => {
    const [out, args] = [join(temporaryFolder(), "a.oracle"), ["--prompt", "Hello", "--tier", "resid"]];
    const ran = await qwq(["oracle", "plan", ...args, "--noise", "all", "--json"]);
    const plan = JSON.parse(ran.stdout) as { bundle: { total: number }; seconds: number; schema: string };
    expect(plan).toMatchObject({ schema: "oracle-plan/1", tokens: 1, tier: "resid", runLayers: 3 });
    expect(existsSync(out)).toBe(false);
    expect((await qwq(["oracle", "record", ...args, "--noise", "all", "-o", out])).code).toBe(0);
    const bytes = readdirSync(out).reduce((sum, name) => sum + statSync(join(out, name)).size, 0);
    expect(bytes).toBeLessThan(1.1 * plan.bundle.total);
    expect(bytes).toBeGreaterThan(0.7 * plan.bundle.total);
  });

  it.each<[string, string[], number]>([
    ["no prompt", [], 2],
    ["two", ["--tokens", "1", "--prompt", "x"], 2],
    ["a layer too many", ["--tokens", "1", "--layers", "7"], 2],
    ["more tokens than the model takes", ["--tokens", "999999999"], 2],
    ["a model that is not there", ["-m", "none", "--tokens", "1"], 66],
  ])("refuses %s", async (_, args, code) => {
    const ran = await qwq(["oracle", "plan", ...args]);
    expect([ran.code, ran.stdout]).toEqual([code, ""]);
  });
});
