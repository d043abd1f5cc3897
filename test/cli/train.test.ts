import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { qwq, start } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { tinySettings } from "../support/training.ts";

const REFERENCE = ["--learner", "reference"];

/** A folder with settings, and the arguments that train by them. */
function small(changes: Parameters<typeof tinySettings>[0] = {}) {
  const folder = temporaryFolder();
  const config = join(folder, "settings.json");
  writeFileSync(config, JSON.stringify(tinySettings(changes)));
  const out = join(folder, "run");
  return { out, args: ["--out", out, "--config", config, ...REFERENCE] };
}

describe("qwq train", () => {
  it("trains all stages, says how it goes, and leaves models, a log and curves", async () => {
    const { out, args } = small();
    const ran = await qwq(["train", "all", ...args]);
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toMatch(/^cold 1\/4 {2}loss \d/);
    expect(ran.stdout).toMatch(/\none 2\/2 .* reward \d.* held sampled \d/);
    expect(readFileSync(join(out, "curves.svg"), "utf8")).toContain("loss, nats a token");
    const asked = await qwq(["run", "-m", join(out, "two"), "--seed", "1", "--json", "1 + 1 = ?"]);
    expect(asked.code).toBe(0);
  });

  it("--json prints the log's lines; --steps and --seed are heard", async () => {
    const { args } = small();
    const ran = await qwq(["train", "cold", ...args, "--steps", "2", "--json", "--seed", "9"]);
    const lines = ran.stdout
      .trim()
      .split("\n")
      .map((one) => JSON.parse(one) as { stage: string; step: number; of: number });
    expect(lines.map(({ stage, step, of }) => [stage, step, of])).toEqual([
      ["cold", 1, 2],
      ["cold", 2, 2],
    ]);
  });

  it("tokenizer makes the vocabulary alone", async () => {
    const { out, args } = small();
    expect(await qwq(["train", "tokenizer", ...args])).toEqual({ code: 0, stdout: "", stderr: "" });
    const ids = await qwq(["tokenize", "-m", join(out, "tokenizer"), "347"]);
    expect(JSON.parse(ids.stdout)).toHaveLength(3);
  });

  it("Ctrl-C puts it aside with 130, and --resume ends it", async () => {
    const { args } = small({ cold: { steps: 100 }, test: { every: 1000 } });
    const child = start(["train", "cold", ...args]);
    child.child.stdout.once("data", () => child.child.kill("SIGINT"));
    const ran = await child.ended;
    expect(ran.code).toBe(130);
    expect(ran.stderr).toContain("with --resume goes on");
    const again = await qwq(["train", "cold", ...args]);
    expect([again.code, again.stderr]).toEqual([73, expect.stringContaining("Go on with it by --resume")]);
    expect((await qwq(["train", "cold", ...args, "--resume", "--quiet"])).code).toBe(0);
  });

  it.each<[string, string[], number, string]>([
    ["an unknown stage", ["three", "--out", "x"], 2, "expected tokenizer, cold, one, judge, two, more, reject or all"],
    ["a missing folder", ["cold"], 2, "--out"],
    ["an unknown learner", ["cold", "--out", "x", "--learner", "torch"], 2, "--learner: expected kernels or reference"],
    ["a file in the folder's place", ["cold", "--out", "package.json"], 73, "got a file. Name another folder."],
    ["settings that are missing", ["cold", "--out", "x", "--config", "none.json"], 66, "none.json"],
    ["settings that are none", ["cold", "--out", "x", "--config", "package.json"], 2, "expected one of model"],
  ])("refuses %s", async (_, args, code, words) => {
    const ran = await qwq(["train", ...args]);
    expect([ran.code, ran.stdout]).toEqual([code, ""]);
    expect(ran.stderr).toContain(words);
  });
});
