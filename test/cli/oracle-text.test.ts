import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { qwqOnTiny as qwq } from "../support/cli.ts";

const engine = (kind: string, fault = "") => `node test/support/engine.mjs ${kind} ${fault}`;
const KINDS = ["tokens", "template", "parse", "sampler"] as const;

describe("another engine's text layer", () => {
  it.each(KINDS)("%s: an engine that does the same passes every case", async (kind) => {
    const ran = await qwq(["oracle", kind, "--cand", engine(kind), "--format", "json"]);
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    const { verdict, checks } = JSON.parse(ran.stdout) as { verdict: string; checks: { outcome: string }[] };
    expect([verdict, checks.every(({ outcome }) => outcome === "pass")]).toEqual(["pass", true]);
    expect(checks.length).toBeGreaterThan(kind === "parse" ? 12 : 220);
  });

  it.each<[kind: string, fault: string, text: RegExp]>([
    ["tokens", "bos", /FAIL {2}tokens-ids {2}string 1, bytes 0 to \d+: expected \[\d+/],
    ["tokens", "lower", /FAIL {2}tokens-ids {2}string/],
    ["template", "trim", /FAIL {2}template-bytes {2}conversation 1: expected .* at\s+byte/],
    ["parse", "pieces", /FAIL {2}parse-split {2}a thought opened by the prompt, cut after\s+"/],
    ["sampler", "order", /FAIL {2}sampler-set {2}case \d+: expected \d+ ids/],
    ["sampler", "scaled", /FAIL {2}sampler-probability {2}case/],
  ])("%s: a fault (%s) is found", async (kind, fault, text) => {
    const ran = await qwq(["oracle", kind, "--cand", engine(kind, fault), "--suite", "small"]);
    expect([ran.code, ran.stderr]).toEqual([1, ""]);
    expect(ran.stdout).toMatch(text);
    expect(ran.stdout.trimEnd().split("\n").length).toBeLessThanOrEqual(40);
  });

  it.each([
    ["dies", "got the end of its output"],
    ["silent", "expected an answer within 2 s, got none"],
    ["nonsense", 'got "Loading model..."'],
  ])("an engine that %s gives no verdict, but exit code 3", async (fault, text) => {
    const ran = await qwq(["oracle", "tokens", "--cand", engine("tokens", fault), "--timeout", "2"]);
    expect([ran.code, ran.stdout]).toEqual([3, ""]);
    expect(ran.stderr).toContain(text);
    expect(ran.stderr).toContain("case 3");
  });

  it("a command that there is not, and a server that there is not, give no verdict either", async () => {
    const [command, server] = await Promise.all([
      qwq(["oracle", "tokens", "--cand", "no-such-engine"]),
      qwq(["oracle", "tokens", "--server", "http://127.0.0.1:9"]),
    ]);
    expect([command.code, server.code]).toEqual([3, 3]);
    const nonsense = createServer((_, response) => response.end('{"tokens": "none"}')).listen(0, "127.0.0.1");
    await once(nonsense, "listening");
    const { port } = nonsense.address() as AddressInfo;
    const told = await qwq(["oracle", "tokens", "--server", `http://127.0.0.1:${port}`]);
    nonsense.close();
    expect([told.code, told.stdout, told.stderr]).toEqual([
      3,
      "",
      `qwq: http://127.0.0.1:${port}: expected ids from /tokenize, got an answer of no known form. Is it llama-server or vLLM?\n`,
    ]);
  });

  it.each(KINDS)("%s: --print gives the cases with their answers", async (kind) => {
    const ran = await qwq(["oracle", kind, "--print", "--suite", "small"]);
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    for (const line of ran.stdout.trimEnd().split("\n")) expect(JSON.parse(line)).toBeTypeOf("object");
  });

  it.each<[string[]]>([
    [["tokens"]],
    [["tokens", "--cand", "a", "--server", "http://b"]],
    [["parse"]],
    [["sampler"]],
    [["sampler", "--cases", "-", "--cand", "x"]],
  ])("oracle %j is a usage error", async (args) => {
    const ran = await qwq(["oracle", ...args]);
    expect([ran.code, ran.stdout]).toEqual([2, ""]);
  });
});
