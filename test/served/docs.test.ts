/** Every command and program of docs/serve.md runs, against a server of the embedded model. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { MAIN } from "../support/cli.ts";
import { serving } from "../support/serving.ts";

const root = join(import.meta.dirname, "../..");
const served = await serving();
// within the project, so that programs find its packages
const folder = mkdtempSync(join(root, "test/served/.docs-"));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await served.end();
});

const text = readFileSync(join(root, "docs/serve.md"), "utf8");
const blocks = (language: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, "g"))].map((match) => match[1]!);
const run = (command: string, args: readonly string[]) =>
  promisify(execFile)(command, [...args], { cwd: root, env: { ...process.env, URL: served.url } });

describe("curl", () => {
  const expected = [
    /"content":"The answer is 933\."/,
    /"usage":\{"prompt_tokens":\d+[^]*data: \[DONE\]\n\n$/,
    /"content":"\{.*\\"sum\\":.*\}"/,
    /"count":\d+[^]*"prompt":[^]*"status":"ok"[^]*qwq_requests_total/,
    /"code":"context_length_exceeded"/,
  ];
  it.each(blocks("bash").map((script, i) => [i, script] as const))("command %i", async (i, script) => {
    const { stdout } = await run("bash", ["-euc", script]);
    expect(stdout).toMatch(expected[i]!);
  });
  it("there are as many as are expected", () => expect(blocks("bash")).toHaveLength(expected.length));
});

describe("qwq oracle probe", () => {
  it("finds nothing wrong with it: tokens, template, probabilities, repetition, thoughts", async () => {
    const bundle = join(folder, "sum.oracle");
    const model = "golden/reasoner";
    await run(process.execPath, [
      MAIN,
      "oracle",
      "record",
      "-m",
      model,
      "--prompt",
      "347 + 586",
      "--taps",
      "logits",
      "-o",
      bundle,
    ]);
    const { stdout } = await run(process.execPath, [
      MAIN,
      "oracle",
      "probe",
      served.url,
      "-m",
      model,
      "--bundle",
      bundle,
    ]);
    expect(stdout).toMatch(/^PASS {2}probe \S+: 6 of 6 checks pass\n/);
  });
});

describe("programs", () => {
  it.each(blocks("ts").map((source, i) => [i, source] as const))("program %i says the sum", async (i, source) => {
    const path = join(folder, `program-${i}.ts`);
    writeFileSync(path, `const URL = process.env["URL"];\n${source}`);
    const { stdout } = await run(process.execPath, ["--import", "tsx", path]);
    expect(stdout.trimEnd()).toMatch(/The answer is 933\.$/);
  });
});
