import { expect, it } from "vitest";
import { qwq } from "../support/cli.ts";

const TEXT = "The tide comes in twice a day because the moon and the sun pull at the sea. ".repeat(8);

it("perplexity --json scores every token but the first, once, whatever the windows", async () => {
  const run = async (...args: string[]) =>
    JSON.parse((await qwq(["perplexity", "--json", ...args, "-"], { input: TEXT })).stdout) as Record<string, number>;
  const [whole, half] = [await run("--window", "1024"), await run("--window", "64", "--stride", "32")];
  expect(whole["scored"]).toBe(whole["tokens"]! - 1);
  expect(half["scored"]).toBe(half["tokens"]! - 1);
  expect(whole["windows"]).toBe(1);
  expect(whole["perplexity"]).toBeCloseTo(Math.exp(whole["sum"]! / whole["scored"]!), 12);
  expect(half["perplexity"]).not.toBe(whole["perplexity"]);
});

it("perplexity says it in one line for people", async () => {
  const { code, stdout } = await qwq(["perplexity", "--quiet", "-"], { input: TEXT });
  expect(stdout).toMatch(/^perplexity \d+\.\d{4} over \d+ of \d+ tokens in 1 windows, \d+\.\d s\n$/);
  expect(code).toBe(0);
});

it.each([
  ["no text", [], "", "qwq: text: expected at least 2 tokens, got 0. The first token is not predicted."],
  [
    "a stride past the window",
    ["--window", "16", "--stride", "17"],
    TEXT,
    "qwq: stride: expected at most the window, 16, got 17.",
  ],
])("perplexity refuses %s", async (_, args, input, stderr) => {
  const ran = await qwq(["perplexity", "--quiet", ...args, "-"], { input });
  expect(ran.stderr).toContain(stderr);
  expect([ran.code, ran.stdout]).toEqual([2, ""]);
});

it("perplexity refuses what is not UTF-8", async () => {
  const ran = await qwq(["perplexity", "--quiet", "-"], { input: Uint8Array.of(0x61, 0xff, 0x62) });
  expect(ran.stderr).toMatch(/^qwq: stdin: expected .*UTF-8/);
  expect(ran.code).toBe(65);
});
