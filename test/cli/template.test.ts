import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { qwqOnTiny as qwq } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
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

  it.concurrent("names the model where its template is at fault, and not the conversation", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "chat_template.jinja"), "{{ messages[");
    const ran = await qwq(["template", "-m", folder, "-"], { input: cases[0]!.input });
    const why = "expected a Jinja template, got one that ends in the midst of an expression";
    expect(ran.stderr).toBe(`qwq: ${folder}: chat template: ${why}. Compare it with the model's own template.\n`);
    expect([ran.code, ran.stdout]).toEqual([65, ""]);
  });

  it.concurrent("prints one prompt as it is, no newline added", async () => {
    const { input, prompts } = cases[0]!;
    expect(await qwq(["template", "-"], { input })).toEqual({ code: 0, stdout: prompts["qwq-32b"], stderr: "" });
  });
});
