/** `qwq oracle probe` against llama.cpp's own server, as it should run and as it should not. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { qwq } from "../support/cli.ts";
import { llamaServer } from "../support/llama-server.ts";
import { LLAMA_SERVER, SMOLLM2 } from "../support/real.ts";

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
    expect(await probed(await llamaServer())).toEqual([0, ALL.map((check) => `pass ${check}`)]);
  });

  it.each([
    ["probe-logprobs", "theta", ["--rope-freq-base", "10000"]],
    ["probe-logprobs", "eps", ["--override-kv", "llama.attention.layer_norm_rms_epsilon=float:0.1"]],
    ["probe-template", "template", ["--chat-template", "zephyr"]],
  ])("fails %s alone where it is given another %s", async (check, _, more) => {
    const [code, said] = await probed(await llamaServer(...more));
    expect([code, said.filter((text) => text.startsWith("fail"))]).toEqual([1, [`fail ${check}`]]);
  });
});
