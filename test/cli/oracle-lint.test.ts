import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { qwq } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { qwqFiles } from "../support/qwq-files.ts";

function config(change: Record<string, unknown>): string {
  const path = join(temporaryFolder(), "config.json");
  writeFileSync(path, JSON.stringify({ ...qwqFiles()["config.json"], ...change }));
  return path;
}

describe("qwq oracle lint", () => {
  it("says what is wrong, with exit code 1", async () => {
    const path = config({ rms_norm_eps: 1e-6 });
    const ran = await qwq(["oracle", "lint", path]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toBe("");
    expect(ran.stdout).toContain("FAIL  lint-eps  config.json: rms_norm_eps: expected 1e-5, got 1e-6.");
    expect(ran.stdout).toMatch(/\nnext {2}qwq oracle explain lint-eps\n$/);
  });

  it("exits with 0 for what is right or only warned of, unless warnings count", async () => {
    const warned = config({ torch_dtype: "float16" });
    const codes = await Promise.all([
      qwq(["oracle", "lint", config({})]),
      qwq(["oracle", "lint", "golden/model/tiny"]),
      qwq(["oracle", "lint", warned]),
      qwq(["oracle", "lint", warned, "--fail-on", "warn"]),
      qwq(["oracle", "lint", temporaryFolder()]),
    ]);
    expect(codes.map(({ code }) => code)).toEqual([0, 0, 0, 1, 3]);
  });

  it("writes every form to a folder, prints text and annotations, and appends to the step's summary", async () => {
    const out = join(temporaryFolder(), "a/b");
    const summary = join(temporaryFolder(), "summary.md");
    const args = ["--format", "text,json,junit,github,sarif,md", "--out", out];
    const path = config({ rope_theta: 10_000 });
    const ran = await qwq(["oracle", "lint", path, ...args], { env: { GITHUB_STEP_SUMMARY: summary } });
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain("::error title=qwq oracle%3A lint-theta::");
    expect(ran.stdout).toMatch(/^FAIL/);
    expect(readdirSync(out).sort()).toEqual([
      "report.github.txt",
      "report.json",
      "report.junit.xml",
      "report.md",
      "report.sarif",
      "report.txt",
    ]);
    expect(readFileSync(summary, "utf8")).toContain("| FAIL | `lint-theta` |");
    expect(JSON.parse(readFileSync(join(out, "report.json"), "utf8"))).toMatchObject({
      verdict: "fail",
      command: "lint",
    });
  });

  it.each<[number, string, string[]]>([
    [2, "E", ["oracle", "lint"]],
    [2, "Expected forms of", ["oracle", "lint", "golden/model/tiny", "--format", "pdf"]],
    [2, "expected one form on standard output", ["oracle", "lint", "golden/model/tiny", "--format", "json,text"]],
    [2, "expected one of text, json", ["oracle", "lint", "golden/model/tiny", "--format", "html"]],
    [66, "expected", ["oracle", "lint", "no/such/path"]],
    [65, "E", ["oracle", "lint", "package.json"]],
    [73, "expected a place to write", ["oracle", "lint", "golden/model/tiny", "--out", "package.json/x"]],
  ])("ends with %i where it cannot be done: %s %j", async (code, text, args) => {
    const ran = await qwq(args);
    expect(ran.code).toBe(code);
    expect(ran.stderr.toLowerCase()).toContain(text.toLowerCase());
    expect(ran.stdout).toBe("");
  });
});
