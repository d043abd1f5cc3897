import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readJson } from "../../src/files/json.ts";
import { FormatError, QwqError } from "../../src/errors.ts";
import { type Conversation, conversationFromJson } from "../../src/text/messages.ts";
import { knownTemplate, opensThought, renderChat, renderKnown } from "../../src/text/template.ts";

const NAMES = ["qwq-32b", "qwen2.5", "smollm2"] as const;
const golden = (path: string) => readFileSync(new URL(`../../golden/text/${path}`, import.meta.url), "utf8");
const templates = new Map(NAMES.map((name) => [name as string, golden(`templates/${name}.jinja`)]));
const qwq = templates.get("qwq-32b")!;

interface Line {
  input: string;
  prompts: Record<string, string | { error: string }>;
}
const lines = golden("conversations.jsonl")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Line);

/** The prompt, or the code of the error. */
function outcome(template: string, input: string): string | { code: string } {
  try {
    return renderKnown(template, conversationFromJson(readJson(input, "input")));
  } catch (error) {
    if (error instanceof QwqError) return { code: error.code };
    throw error;
  }
}

describe("the known templates", () => {
  const cases = lines.flatMap(({ input, prompts }) =>
    Object.entries(prompts).map(([name, want]) => ({ input, name, want })),
  );

  test.each(NAMES)(
    "%s: every golden prompt is Hugging Face's byte for byte, and what it refuses is refused",
    (name) => {
      const own = cases.filter((c) => c.name === name);
      expect(own.length).toBeGreaterThan(100);
      for (const { input, want } of own) {
        const got = outcome(templates.get(name)!, input);
        if (typeof want === "string") expect(got, input).toBe(want);
        else
          expect(got, `${input} raises ${want.error}`).toHaveProperty(
            "code",
            expect.stringMatching(/^E_(MSG_SCHEMA|TPL_RENDER)$/),
          );
      }
    },
  );
});
