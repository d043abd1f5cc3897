import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { shipped } from "../../src/files/shipped.ts";

it("finds the package's files", () => {
  expect(existsSync(shipped("docs", "divergence", "mutants.md"))).toBe(true);
  expect(JSON.parse(readFileSync(shipped("package.json"), "utf8"))).toMatchObject({ name: "qwq-ts" });
});

it("what the code asks for is in the package that npm packs", () => {
  const text = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { encoding: "utf8" });
  const [{ files }] = JSON.parse(text) as [{ files: { path: string }[] }];
  const paths = new Set(files.map(({ path }) => path));
  for (const path of [
    "docs/divergence/mutants.md",
    "docs/divergence/lint.md",
    "docs/divergence/text.md",
    "docs/divergence/verdicts.md",
  ]) {
    expect(paths.has(path), path).toBe(true);
  }
});
