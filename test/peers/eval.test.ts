/** `qwq eval` from its first question to its page, asked of llama.cpp's own server. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Report } from "../../src/eval/report.ts";
import { qwq } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { llamaServer } from "../support/llama-server.ts";
import { LLAMA_SERVER, SMOLLM2 } from "../support/real.ts";

interface Kept {
  readonly problem: string;
  readonly answer: string;
  readonly reason: string;
  readonly promptTokens: number;
  readonly tokens: number;
}

const samplesIn = (folder: string) =>
  readFileSync(join(folder, "samples.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Kept);

describe.skipIf(!existsSync(LLAMA_SERVER) || !existsSync(SMOLLM2))("llama-server on SmolLM2", () => {
  it("is asked AIME, and what it said is graded, counted and shown; asked again, it is asked nothing", async () => {
    const url = await llamaServer("--alias", "smollm2");
    const folder = join(temporaryFolder(), "run");
    const words = ["eval", "aime24", "--server", url, "--limit", "3", "--samples", "2", "--max-tokens", "48", "--json"];
    const run = await qwq([...words, "--concurrency", "1", "--out", folder]);
    expect([run.code, run.stderr]).toEqual([0, expect.stringContaining("6 replies to ask for")]);
    const report = JSON.parse(run.stdout) as Report;
    expect(report).toMatchObject({
      title: "AIME 2024",
      replies: 6,
      wanted: 6,
      settings: { model: "smollm2", at: url },
    });
    const samples = samplesIn(folder);
    expect(new Set(samples.map(({ problem }) => problem)).size).toBe(3);
    for (const { answer, promptTokens, tokens, reason } of samples) {
      expect(answer.length).toBeGreaterThan(20);
      expect(promptTokens).toBeGreaterThan(100);
      expect([tokens <= 48, tokens > 0, ["stop", "length"].includes(reason)]).toEqual([true, true, true]);
    }
    expect(readFileSync(join(folder, "index.html"), "utf8")).toContain("<h1>AIME 2024: smollm2</h1>");
    const again = await qwq([...words, "--concurrency", "1", "--out", folder, "--resume"]);
    expect([again.code, again.stdout]).toEqual([0, run.stdout]);
    expect(samplesIn(folder)).toEqual(samples);
  });

  it("whose context is small gives replies what room there is, and none to a prompt that has none", async () => {
    const url = await llamaServer("-c", "256");
    const [folder, file] = [temporaryFolder(), join(temporaryFolder(), "mine.jsonl")];
    const rows = [
      { id: "short", prompt: "Write the numbers from 1 to 1000, one after the other." },
      { id: "long", prompt: `What is the last word of this? ${"word ".repeat(400)}` },
    ];
    writeFileSync(file, rows.map((row) => `${JSON.stringify({ ...row, answer: "1" })}\n`).join(""));
    const args = ["--server", url, "--max-tokens", "100000", "--out", join(folder, "run"), "--json"];
    const { code, stdout } = await qwq(["eval", file, ...args]);
    expect(code).toBe(0);
    const of = (id: string) => samplesIn(join(folder, "run")).find(({ problem }) => problem === id)!;
    expect(of("short").tokens).toBeGreaterThan(0);
    expect(of("short").tokens).toBeLessThan(256);
    expect([of("long").reason, of("long").answer]).toEqual(["context", ""]);
    expect((JSON.parse(stdout) as Report).ends["context"]).toBe(1);
  });
});
