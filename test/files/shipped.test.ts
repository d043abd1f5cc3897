import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { EMBEDDED_MODELS } from "../../src/files/embedded.ts";
import { shipped } from "../../src/files/shipped.ts";

/** What a model is loaded from, and what says what it is. */
const MODEL_FILES = [
  ...["config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"],
  ...["README.md", "curves.svg"],
];

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
    ...Object.keys(EMBEDDED_MODELS).flatMap((name) => MODEL_FILES.map((file) => `golden/${name}/${file}`)),
  ]) {
    expect(paths.has(path), path).toBe(true);
  }
});
