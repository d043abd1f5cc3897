import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { chatServer } from "../support/chat-server.ts";
import { qwq, start } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";

const DATA = join(import.meta.dirname, "../../golden/eval/aime24.jsonl");

describe("qwq eval", () => {
  it("that is killed goes on with --resume, and says the same as one that was not", async () => {
    const { url } = await chatServer({ data: DATA, failing: 0.2 });
    const [whole, cut] = [join(temporaryFolder(), "whole"), join(temporaryFolder(), "cut")];
    const words = ["eval", "aime24", "--server", url, "--samples", "3", "--limit", "10", "--backoff", "2", "--json"];
    const expected = qwq([...words, "--out", whole]);
    const { child, ended } = start([...words, "--out", cut]);
    const samples = () => {
      try {
        return readFileSync(join(cut, "samples.jsonl"), "utf8").split("\n").length - 1;
      } catch {
        return 0;
      }
    };
    const watch = setInterval(() => samples() >= 5 && child.kill("SIGKILL"), 2);
    await ended;
    clearInterval(watch);
    expect(samples()).toBeLessThan(30);
    const resumed = await qwq([...words, "--out", cut, "--resume"]);
    expect([resumed.code, samples()]).toEqual([0, 30]);
    expect(resumed.stdout).toBe((await expected).stdout);
    expect(readFileSync(join(cut, "index.html"), "utf8")).toBe(readFileSync(join(whole, "index.html"), "utf8"));
  });

  it("says beforehand what it may cost, and grades what was recorded", async () => {
    const [folder, { answer }] = [temporaryFolder(), JSON.parse(readFileSync(DATA, "utf8").split("\n")[0]!)];
    const file = join(folder, "recorded.jsonl");
    writeFileSync(file, `${JSON.stringify({ id: "aime24-01", reply: `<think>\n1</think>\n\n\\boxed{${answer}}` })}\n`);
    const [dry, graded] = await Promise.all([
      qwq(["eval", "aime24", "--samples", "64", "--price", "0.1,0.4", "--dry-run"]),
      qwq(["eval", "aime24", "--grade", file, "--limit", "1"]),
    ]);
    expect(dry.stdout).toMatch(
      /^1,920 replies to ask for; about [\d,]+ tokens of prompts,\nreplies of at most 32,768 tokens each, 62,914,560 in all\.\nCost: at most 25\.\d\d\.\n$/,
    );
    expect(graded.stdout).toContain("1 problem, 1 reply\npass@1: 100.0 %");
  });

  it("has the exit codes of the contract", async () => {
    const codes = await Promise.all(
      [
        ["eval", "nonsense"],
        ["eval", "livecodebench"],
        ["eval", "aime24", "--dry-run", "--temperature", "-1"],
        ["eval", "aime24", "--dry-run", "--price", "Infinity,1"],
        ["eval", "aime24", "--server", "http://127.0.0.1:9", "-m", "x.gguf"],
        ["eval", "aime24", "--server", "http://127.0.0.1:9", "--retries", "0", "--out", join(temporaryFolder(), "x")],
        ["eval", "gone.jsonl"],
      ].map(async (words) => (await qwq(words)).code),
    );
    expect(codes).toEqual([2, 2, 2, 2, 2, 74, 66]);
  });
});
