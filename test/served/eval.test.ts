/** `qwq eval` asks `qwq serve`: the same replies as from the model in the process itself. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { Sample } from "../../src/eval/problem.ts";
import type { Report } from "../../src/eval/report.ts";
import { qwq } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { serving } from "../support/serving.ts";

const served = await serving();
afterAll(() => served.end());

const run = async (folder: string, ...words: readonly string[]) => {
  const { code, stdout, stderr } = await qwq(["eval", ...words, "--json", "--quiet", "--out", folder]);
  expect([code, stderr]).toEqual([0, ""]);
  const samples = readFileSync(join(folder, "samples.jsonl"), "utf8").trimEnd().split("\n");
  const said = samples.map((line) => JSON.parse(line) as Sample);
  return { report: JSON.parse(stdout) as Report, said: said.sort((a, b) => (a.problem < b.problem ? -1 : 1)) };
};

it("sums: every reply, its thoughts and its tokens are those of the local model, and so is the score", async () => {
  const folder = temporaryFolder();
  const words = ["golden/eval/sums.jsonl", "--limit", "20", "--seed", "3"];
  const [here, there] = [
    await run(join(folder, "here"), ...words),
    await run(join(folder, "there"), ...words, "--server", served.url),
  ];
  const plain = (sample: Sample) => ({ ...sample, seconds: 0 });
  expect(there.said.map(plain)).toEqual(here.said.map(plain));
  expect(there.report.headline).toEqual(here.report.headline);
  expect(there.report.headline.estimate.value).toBeGreaterThan(0.5);
  expect([there.report.settings.model, there.report.settings.at]).toEqual(["qwq-embedded", served.url]);
});

it("AIME: a prompt that is longer than the context counts as wrong, and the others get what room there is", async () => {
  const { report, said } = await run(join(temporaryFolder(), "aime"), "aime24", "--limit", "8", "--server", served.url);
  expect([report.replies, report.wanted]).toEqual([8, 8]);
  for (const { reason, promptTokens = 0, tokens = 0 } of said) {
    if (reason !== "context") expect(promptTokens + tokens).toBeLessThanOrEqual(512);
  }
  expect(report.ends["context"]).toBeGreaterThan(0);
  expect(report.ends["context"]).toBeLessThan(8);
});
