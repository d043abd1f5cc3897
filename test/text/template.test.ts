import { describe, expect, test } from "vitest";
import { readJson } from "../../src/json/json.ts";
import { QwqError } from "../../src/errors.ts";
import { conversationFromJson } from "../../src/text/messages.ts";
import { golden } from "../support/templates.ts";
import { knownTemplate, opensThought, renderChat, renderKnown } from "../../src/text/template.ts";

const NAMES = ["qwq-32b", "qwen2.5", "smollm2"] as const;
const templates = new Map(NAMES.map((name) => [name as string, golden(`templates/${name}.jinja`)]));
const qwq = templates.get("qwq-32b")!;

const user = { role: "user", content: "Hi" };

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

  test("are known by their text, with or without a newline at the end, and by nothing less", () => {
    expect([...templates.values()].map((text) => knownTemplate(text)?.name)).toEqual([
      "QwQ-32B",
      "Qwen2.5-Instruct",
      "SmolLM2-Instruct",
    ]);
    expect(knownTemplate(qwq.trimEnd())).toBe(knownTemplate(`${qwq.trimEnd()}\n`));
    expect(knownTemplate(`${qwq} `)).toBeUndefined();
  });

  test("a role the template would leave out without a word is refused", () => {
    expect(() => renderKnown(qwq, { messages: [user, { role: "developer", content: "x" }] })).toThrow(
      'messages[1].role: expected one of system, user, assistant, tool, got "developer". The template of QwQ-32B would leave the message out; give it a role it knows.',
    );
    expect(renderKnown(templates.get("smollm2")!, { messages: [{ role: "developer", content: "x" }] })).toContain(
      "<|im_start|>developer\nx",
    );
  });

  test("say which message they refuse", () => {
    expect(() => renderKnown(qwq, { messages: [user, { role: "user", content: null }] })).toThrow(
      /^chat template, at messages\[1\]: expected .*, got dict without 'content'\. /,
    );
  });
});

describe("renderChat", () => {
  test("renders a known template as renderKnown does", async () => {
    const conversation = { messages: [user], addGenerationPrompt: true };
    const prompt = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n<think>\n";
    expect(await renderChat(qwq, conversation)).toBe(prompt);
    expect(renderKnown(qwq, conversation)).toBe(prompt);
  });

  test("renders any other apart, with the conversation's further variables", { timeout: 20_000 }, async () => {
    const conversation = { messages: [user], variables: { name: "x", n: 1 } };
    expect(await renderChat("{{ name }}{{ n }}{{ messages[0].content }}", conversation)).toBe("x1Hi");
    expect(() => renderKnown("{{ name }}", conversation)).toThrow(
      'chat template: expected that of QwQ-32B, Qwen2.5-Instruct, SmolLM2-Instruct, got one that begins "{{ name }}". Use renderChat, which renders it in a process of its own.',
    );
  });
});

test("opensThought tells a prompt that ends in an opened thought", () => {
  expect(opensThought("<|im_start|>assistant\n<think>\n")).toBe(true);
  expect(opensThought("<|im_start|>assistant\n")).toBe(false);
});
