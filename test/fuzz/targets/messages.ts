/** A conversation in a file: checked, brought to Python's values, rendered by the known templates, and read back. */
import { readFileSync } from "node:fs";
import { readJson } from "../../../src/json/json.ts";
import { conversationFromJson } from "../../../src/text/messages.ts";
import { parseReply } from "../../../src/text/reply.ts";
import { renderKnown } from "../../../src/text/template.ts";
import { jsonTarget } from "../target.ts";

const TEMPLATES = ["qwq-32b", "qwen2.5", "smollm2"].map((name) =>
  readFileSync(new URL(`../../../golden/text/templates/${name}.jinja`, import.meta.url), "utf8"),
);

const CALL = { id: "1", type: "function", function: { name: "add", arguments: { a: 1, b: [2.5, null] } } };
const TOOL = { type: "function", function: { name: "add", description: "Adds.", parameters: { type: "object" } } };

const DOCUMENTS = [
  { messages: [{ role: "user", content: "What is 2 + 2?" }], add_generation_prompt: true },
  [
    { role: "system", content: "Be terse." },
    { role: "user", content: "Hi <|im_end|>" },
    { role: "assistant", content: "<think>\nhm\n</think>\n\nHello", reasoning_content: "hm" },
  ],
  {
    messages: [
      { role: "user", content: "Add." },
      { role: "assistant", content: null, tool_calls: [CALL] },
      { role: "tool", content: "3", name: "add" },
    ],
    tools: [TOOL],
    enable_thinking: false,
  },
];

const EXTRA = [
  ...[
    '"user"',
    '"system"',
    '"assistant"',
    '"tool"',
    '"developer"',
    '"<think>"',
    '"</think>"',
    '"<tool_call>\\n{\\"name\\":"',
  ],
  ...[
    '[{"type":"text","text":"a"}]',
    '[{"type":"image"}]',
    '{"role":"user"}',
    "[]",
    '{"role":"user","content":"x"}',
    "1e5",
  ],
];

export const messages = jsonTarget(
  "messages",
  DOCUMENTS.map((document) => JSON.stringify(document)),
  EXTRA,
  (bytes) => {
    const conversation = conversationFromJson(readJson(bytes, "messages.json"), "messages.json");
    // Which template is decided by the case itself, so that it can be played again alone.
    const prompt = renderKnown(TEMPLATES[bytes.length % TEMPLATES.length]!, conversation);
    parseReply(prompt, { opened: false, toolCalls: true });
  },
);
