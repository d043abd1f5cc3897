import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { qwqOnTiny as qwq } from "../support/cli.ts";
import { goldenPath } from "../support/golden.ts";

interface Case {
  readonly input: string;
  readonly prompts: Readonly<Record<string, string | null>>;
}

const cases = readFileSync(goldenPath("text/conversations.jsonl"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Case)
  .filter(({ prompts }) => typeof prompts["qwq-32b"] === "string"); // null: Hugging Face refuses it too;

describe("qwq template", () => {
  it.concurrent("equals Hugging Face on every golden conversation, byte for byte", async () => {
    expect(cases.length).toBeGreaterThan(50);
    const ran = await qwq(["template", "--lines", "-"], { input: cases.map(({ input }) => `${input}\n`).join("") });
    expect(ran.stderr).toBe("");
    expect(ran.stdout.trimEnd().split("\n")).toEqual(cases.map(({ prompts }) => JSON.stringify(prompts["qwq-32b"])));
  });

  it.concurrent("prints one prompt as it is, no newline added", async () => {
    const { input, prompts } = cases[0]!;
    expect(await qwq(["template", "-"], { input })).toEqual({ code: 0, stdout: prompts["qwq-32b"], stderr: "" });
  });
});
