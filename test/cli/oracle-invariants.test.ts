import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { qwqOnTiny as qwq } from "../support/cli.ts";
import { type Behaviour, engineServer } from "../support/engine-server.ts";
import { temporaryFolder } from "../support/folder.ts";

interface Found {
  readonly verdict: string;
  readonly checks: readonly { readonly code: string; readonly outcome: string }[];
}

async function invariants(...args: string[]): Promise<[code: number | null, told: string[]]> {
  const ran = await qwq(["oracle", "invariants", ...args, "--format", "json"]);
  expect(ran.stderr).toBe("");
  const { checks } = JSON.parse(ran.stdout) as Found;
  return [
    ran.code,
    checks.filter(({ outcome }) => outcome !== "pass").map(({ code, outcome }) => `${outcome} ${code}`),
  ];
}

describe("qwq oracle invariants", () => {
  it("of a bundle, without weights", async () => {
    const bundle = join(temporaryFolder(), "b.oracle");
    await qwq(["oracle", "record", "--prompt", "The tide comes in", "--noise", "none", "-o", bundle]);
    expect(await invariants(bundle)).toEqual([0, []]);
    expect((await qwq(["oracle", "invariants", bundle])).stdout).toContain("27 of 27 checks pass");
  });

  it("of a command: this package's own engine, and one that forgets what is cached", async () => {
    const skipped = ["skip invariant-pad", "skip invariant-pad", "skip invariant-shift"];
    expect(await invariants("--cand", "node test/support/engine.mjs logits")).toEqual([0, skipped]);
    const chunks = ["fail invariant-chunk", "fail invariant-chunk", "fail invariant-cache"];
    expect(await invariants("--cmd", "node test/support/engine.mjs logits forgets")).toEqual([
      1,
      [...chunks, ...skipped],
    ]);
  });

  it.each<[string, Behaviour, [number, string[]]]>([
    ["holds of a server that has llama-server's routes", {}, [0, []]],
    ["holds of one that has OpenAI's alone", { plain: true }, [0, []]],
  ])("%s", async (_, behaviour, expected) => {
    expect(await invariants("--server", await engineServer(behaviour))).toEqual(expected);
  });

  it.each<[string, string[], number]>([
    ["nothing to look at", [], 2],
    ["two things", ["x.oracle", "--cand", "cat"], 2],
    ["a bundle that is not there", ["none.oracle"], 66],
    ["an address that is none", ["--server", "nowhere"], 2],
    ["a server that is not there", ["--server", "http://127.0.0.1:9"], 3],
    ["a command that says nothing", ["--cand", "true"], 3],
    ["a command whose answers are of another form", ["--cand", "cat"], 3],
  ])("refuses %s", async (_, args, code) => {
    expect((await qwq(["oracle", "invariants", ...args])).code).toBe(code);
  });
});
