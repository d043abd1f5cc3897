import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/checkpoints.ts";
import { qwqOnTiny as qwq } from "../support/cli.ts";
import { goldenPath } from "../support/golden.ts";

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
  [
    "no text",
    [],
    "",
    "qwq: stdin: text: expected at least 2 tokens, got 0. The first token is not predicted; give a longer text.",
  ],
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

describe("perplexity --against", () => {
  const tiny = goldenPath("model/tiny");
  const ask = (...args: string[]) => qwq(["perplexity", "--quiet", "--window", "64", ...args, "-"], { input: TEXT });

  it("a model against itself: a divergence of 0, all tokens the same", async () => {
    const { code, stdout } = await ask("--against", tiny);
    expect(stdout).toMatch(
      /^perplexity {5}(\d+\.\d{4}); the source's \1, \+0\.000 %\nKL divergence {2}mean 0\.000 \+- 0\.000 nats, median 0\.000, 99 % 0\.000, largest 0\.000\nsame first {5}100\.00 %\nover \d+ of \d+ tokens in \d+ windows, \d+\.\d s\n$/,
    );
    expect(code).toBe(0);
  });

  it("--json: its perplexity is that of `perplexity` alone, with --kv of the model and not of the source", async () => {
    const json = async (...args: string[]) =>
      JSON.parse((await ask("--json", ...args)).stdout) as Record<string, number | string>;
    const [plain, bytes, both] = [
      await json(),
      await json("--kv", "int8"),
      await json("--kv", "int8", "--against", tiny),
    ];
    expect(Object.keys(both)).toEqual([
      "scored",
      "perplexity",
      "sourcePerplexity",
      "kl",
      "agreement",
      "source",
      "tokens",
      "windows",
      "seconds",
    ]);
    expect(both["source"]).toBe(tiny);
    for (const key of ["scored", "tokens", "windows"]) expect(both[key]).toBe(plain[key]);
    expect(both["perplexity"]).toBeCloseTo(bytes["perplexity"] as number, 9);
    expect(both["sourcePerplexity"]).toBeCloseTo(plain["perplexity"] as number, 9);
    expect(bytes["perplexity"]).not.toBe(plain["perplexity"]);
  });

  it("refuses another tokenizer by both names, exit 3", async () => {
    const other = join(temporaryFolder(), "other");
    cpSync(tiny, other, { recursive: true });
    const path = join(other, "tokenizer.json");
    const json = JSON.parse(readFileSync(path, "utf8")) as { model: { merges: unknown[] } };
    json.model.merges.splice(0, 40);
    writeFileSync(path, JSON.stringify(json));
    const { code, stdout, stderr } = await ask("--against", other);
    expect(stderr).toMatch(
      /^qwq: \S+model\/tiny: expected the tokenizer of \S+other, got one that cuts the text otherwise, from token \d+ on\. Compare a model with the one it was made from\.\n$/,
    );
    expect([code, stdout]).toEqual([3, ""]);
  });

  it("refuses a source without a tokenizer, and one that is not there", async () => {
    const { code, stderr } = await ask("--against", goldenPath("model/tied"));
    expect(stderr).toContain("model/tied: expected tokenizer.json, or vocab.json with merges.txt, got neither.");
    expect(code).toBe(65);
    expect((await ask("--against", "no/such/model")).code).toBe(66);
  });

  it("--memory is for both together: 400 MB hold one model and not two", async () => {
    const [alone, both] = [await ask("--memory", "400MB"), await ask("--memory", "400MB", "--against", tiny)];
    expect(alone.code).toBe(0);
    expect(both.stderr).toMatch(/^qwq: --memory: expected at least \d+MB for 512 tokens .*, got 200MB\./);
    expect([both.code, both.stdout]).toEqual([75, ""]);
  });
});

it("perplexity takes a window as long as --context, and no longer", async () => {
  const long = (context: string) =>
    qwq(["perplexity", "--window", "50000", "--context", context, "-"], { input: TEXT });
  expect(await long("50000")).toMatchObject({ code: 0 });
  const { code, stderr } = await long("49999");
  expect(stderr).toContain("qwq: window: expected 2 to 49999 tokens, got 50000.");
  expect(code).toBe(2);
});
