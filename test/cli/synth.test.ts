import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { qwq } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";

const CONFIG = "golden/model/tiny/config.json";

describe("qwq synth", () => {
  it("writes a checkpoint that qwq inspect finds whole and finite, the same bytes each time", async () => {
    const folder = temporaryFolder();
    const [a, b] = [join(folder, "a"), join(folder, "b")];
    const ran = await qwq(["synth", a, "--config", CONFIG, "--seed", "3"]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/: 39 tensors in one file, 423,552 bytes, .*\/s\n$/);
    const json = await qwq(["synth", b, "--config", CONFIG, "--seed", "3", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ out: b, tensors: 39, shards: 1, bytes: 423_552, complete: true });
    for (const name of readdirSync(a))
      expect(readFileSync(join(a, name)).equals(readFileSync(join(b, name)))).toBe(true);
    const seen = await qwq(["inspect", "--weights", a]);
    expect([seen.code, seen.stderr]).toEqual([0, ""]);
    expect(seen.stdout).toContain("\nweights     all finite, ");
    expect((await qwq(["synth", a, "--config", CONFIG, "--seed", "3"])).stdout).toContain("all there already");
  });

  it("a synthetic model runs: its activations stay finite and near 1", async () => {
    const folder = temporaryFolder();
    await qwq(["synth", join(folder, "m"), "--config", CONFIG, "--seed", "3", "--dtype", "f32"]);
    const args = [
      "oracle",
      "record",
      "-m",
      join(folder, "m"),
      "--ids",
      "-",
      "--tier",
      "resid",
      "-o",
      join(folder, "x"),
    ];
    expect(await qwq(args, { input: "[1,2,3]" })).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it.each<[string, string[], number, string]>([
    [
      "an unknown dtype, with those there are",
      ["--config", CONFIG, "--seed", "1", "--dtype", "q3_k"],
      2,
      'q6_k, got "q3_k"',
    ],
    ["a missing seed", ["--config", CONFIG], 2, "--seed"],
    ["a missing config", ["--config", "none.json", "--seed", "1"], 66, "none.json"],
    ["a config of another model", ["--config", "package.json", "--seed", "1"], 65, "model_type"],
  ])("refuses %s", async (_, args, code, words) => {
    const folder = temporaryFolder();
    const ran = await qwq(["synth", join(folder, "m"), ...args]);
    expect([ran.code, ran.stdout]).toEqual([code, ""]);
    expect(ran.stderr).toContain(words);
    expect(readdirSync(folder)).toEqual([]);
  });
});
