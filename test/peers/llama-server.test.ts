/** `qwq oracle probe` against llama.cpp's own server, as it should run and as it should not. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { qwq } from "../support/cli.ts";
import { LLAMA_SERVER, SMOLLM2 } from "../support/real.ts";

/** A port that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Starts it on SmolLM2 and waits until it has loaded. */
async function started(...more: string[]): Promise<string> {
  const port = await freePort();
  const args = ["-m", SMOLLM2, "--host", "127.0.0.1", "--port", `${port}`, "-c", "2048", "-np", "1", "--no-warmup"];
  const server = spawn(LLAMA_SERVER, [...args, ...more], { stdio: "ignore" });
  onTestFinished(() => void server.kill());
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`llama-server ended with ${server.exitCode}`);
    const health = await fetch(`${url}/health`).catch(() => undefined);
    if (health?.ok === true) return url;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe.skipIf(!existsSync(LLAMA_SERVER) || !existsSync(SMOLLM2))("llama-server on SmolLM2", () => {
  const folder = mkdtempSync(join(tmpdir(), "qwq-llama-"));
  const bundle = join(folder, "next.oracle");
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(async () => {
    const prompt = "The tide comes in twice a day because";
    const args = ["-m", SMOLLM2, "--prompt", prompt, "--taps", "logits", "--noise", "none", "-o", bundle];
    expect((await qwq(["oracle", "record", ...args])).code).toBe(0);
  });

  async function probed(url: string): Promise<[code: number | null, said: string[]]> {
    const { code, stdout } = await qwq(["oracle", "probe", url, "-m", SMOLLM2, "--bundle", bundle, "--format", "json"]);
    const { checks } = JSON.parse(stdout) as { checks: { code: string; outcome: string }[] };
    return [code, checks.map(({ code, outcome }) => `${outcome} ${code}`)];
  }

  const ALL = ["probe-tokens", "probe-bos", "probe-template", "probe-logprobs", "probe-repeat", "probe-thoughts"];

  it("passes every check", async () => {
    expect(await probed(await started())).toEqual([0, ALL.map((check) => `pass ${check}`)]);
  });

  it.each([
    ["probe-logprobs", "theta", ["--rope-freq-base", "10000"]],
    ["probe-logprobs", "eps", ["--override-kv", "llama.attention.layer_norm_rms_epsilon=float:0.1"]],
    ["probe-template", "template", ["--chat-template", "zephyr"]],
  ])("fails %s alone where it is given another %s", async (check, _, more) => {
    const [code, said] = await probed(await started(...more));
    expect([code, said.filter((text) => text.startsWith("fail"))]).toEqual([1, [`fail ${check}`]]);
  });
});
