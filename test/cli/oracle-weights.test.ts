import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { qwqOnTiny as qwq } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { goldenPath } from "../support/golden.ts";

const TINY = "golden/model/tiny";

describe("qwq oracle weights", () => {
  it("says how many weights are the same, exactly or as their format rounds them", async () => {
    const out = join(temporaryFolder(), "tiny.gguf");
    expect((await qwq(["quantize", TINY, out, "--type", "q8_0"])).code).toBe(0);
    const ran = await qwq(["oracle", "weights", out]);
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toContain("39 of 39 checks pass");
    const json = await qwq(["oracle", "weights", TINY, "-m", TINY, "--format", "json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ schema: "oracle-checks/1", command: "weights", verdict: "pass" });
  });

  it("fails on another model's weights, in every form, and refuses what is no model", async () => {
    const out = temporaryFolder();
    const args = ["--format", "text,json,junit,github,sarif,md", "--out", out];
    const ran = await qwq(["oracle", "weights", goldenPath("model/sharded"), "-m", TINY, ...args]);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/^FAIL {2}weights /);
    expect(ran.stdout).toMatch(/next {2}qwq oracle explain weights-/);
    expect((await qwq(["oracle", "weights", "none"])).code).toBe(66);
    expect((await qwq(["oracle", "weights"])).code).toBe(2);
  });
});
