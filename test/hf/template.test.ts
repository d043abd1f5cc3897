/**
 * Drawn conversations, rendered by transformers and by us.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { QwqError } from "../../src/errors.ts";
import { readJson } from "../../src/json/json.ts";
import { render } from "../../src/text/jinja/render.ts";
import { conversationFromJson, templateVariables } from "../../src/text/messages.ts";
import { knownTemplate } from "../../src/text/template.ts";
import { golden } from "../support/templates.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
/** Qwen3's, as the tokenizer that the tests fetch brings it: namespaces, slices, methods of strings. */
const qwen3 = path("../../.cache/qwen/tokenizer_config.json");
const python = path("../../.cache/venv/bin/python");

function run(args: string[], input = ""): unknown[] {
  const text = execFileSync(python, [path("template.py"), ...args], { input, encoding: "utf8", maxBuffer: 1 << 28 });
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

/** The prompt, or the code of the error. */
function ours(template: string, input: string): unknown {
  try {
    return render(template, templateVariables(conversationFromJson(readJson(input, "input"))));
  } catch (error) {
    if (error instanceof QwqError) return error.code;
    throw error;
  }
}

function compare(jobs: readonly { template: string; input: string }[]): void {
  const theirs = run([], jobs.map((job) => JSON.stringify(job)).join("\n"));
  expect(theirs.length).toBe(jobs.length);
  const different: unknown[] = [];
  jobs.forEach(({ template, input }, i) => {
    const got = ours(template, input);
    const want = theirs[i];
    const same = typeof want === "string" ? got === want : got === "E_MSG_SCHEMA" || got === "E_TPL_RENDER";
    if (!same) different.push({ template: template.slice(0, 200), input, got, want });
  });
  expect(different).toEqual([]);
}

describe.skipIf(!existsSync(python))("Hugging Face", () => {
  test("renders 3,000 drawn conversations as we do, with each of the three templates", { timeout: 120_000 }, () => {
    const drawn = run(["draw", "3000", "99"]) as string[];
    compare(
      ["qwq-32b", "qwen2.5", "smollm2"].flatMap((name) =>
        drawn.map((input) => ({ template: golden(`templates/${name}.jinja`), input })),
      ),
    );
  });

  test.skipIf(!existsSync(qwen3))(
    "renders 1,000 drawn conversations as we do with a template that is not known",
    { timeout: 120_000 },
    () => {
      const { chat_template: template } = JSON.parse(readFileSync(qwen3, "utf8")) as { chat_template: string };
      expect(knownTemplate(template)).toBeUndefined();
      const drawn = run(["draw", "1000", "8"]) as string[];
      compare(drawn.map((input) => ({ template, input })));
    },
  );
});
