import { expect, it } from "vitest";
import { qwqOnTiny as qwq } from "../support/cli.ts";

const ARGS = ["bench", "--prompt", "8", "--generate", "4", "--repeat", "1"];

it("bench --json has the fields of the contract, and rates that follow from tokens and seconds", async () => {
  const { code, stdout } = await qwq([...ARGS, "--json"]);
  const result = JSON.parse(stdout) as Record<"load" | "prefill" | "decode", Record<string, number>> &
    Record<string, unknown>;
  expect(code).toBe(0);
  expect(result).toMatchObject({ prefill: { tokens: 8 }, decode: { tokens: 4 }, backend: "wasm" });
  expect(result["threads"]).toBeGreaterThanOrEqual(1);
  for (const { tokens, seconds, tokensPerSecond } of [result.prefill, result.decode]) {
    expect(tokensPerSecond).toBeCloseTo(tokens! / seconds!, 6);
  }
  expect(result.load["seconds"]).toBeGreaterThan(0);
  expect(result["peakBytes"]).toBeGreaterThan(1e7);
});

it("bench fits 80 columns", async () => {
  const { stdout } = await qwq(ARGS);
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});
