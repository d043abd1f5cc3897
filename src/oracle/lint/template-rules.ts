/**
 * Lint: the chat template, by its text and by what it prints.
 */
import { createHash } from "node:crypto";
import { QwqError } from "../../errors.ts";
import { readJson } from "../../json/json.ts";
import { conversationFromJson } from "../../text/messages.ts";
import { knownTemplate, opensThought, renderWith } from "../../text/template.ts";
import { Renderer } from "../../text/template-process.ts";
import type { Check } from "../checks.ts";
import { firstDifference } from "../difference.ts";
import type { Facts } from "./facts.ts";
import { hold, skip, type Subject } from "./rule.ts";

/** A turn of each kind; every one finds a mistake that was made somewhere. */
const CONVERSATIONS: readonly (readonly [what: string, json: string])[] = [
  ["a question", '{"messages": [{"role": "user", "content": "Hi"}], "add_generation_prompt": true}'],
  ["a system message", '{"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]}'],
  [
    "thoughts in the history",
    '{"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "<think>\\nadd\\n</think>\\n\\n4"}, {"role": "user", "content": "3+3?"}], "add_generation_prompt": true}',
  ],
  [
    "the thoughts of the last answer",
    '{"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "<think>\\nadd\\n</think>\\n\\n4"}]}',
  ],
  [
    "tools",
    '{"messages": [{"role": "user", "content": "Zeit?"}], "tools": [{"type": "function", "function": {"name": "time", "description": "Gives größe & time", "parameters": {"type": "object", "properties": {"zone": {"type": "string"}, "n": {"default": 1.0}}}}}], "add_generation_prompt": true}',
  ],
  [
    "a call and its result",
    '{"messages": [{"role": "user", "content": "Time?"}, {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": {"name": "time", "arguments": {"zone": "Europe/Zürich", "n": 2}}}]}, {"role": "tool", "content": "12:00"}, {"role": "tool", "content": "noon"}], "add_generation_prompt": true}',
  ],
];

export async function template(subject: Subject): Promise<Check[]> {
  const renderer = new Renderer();
  try {
    return await judged(subject, renderer);
  } finally {
    renderer.close();
  }
}

async function judged({ facts, expected }: Subject, renderer: Renderer): Promise<Check[]> {
  const due = expected?.template?.value;
  if (facts.template === undefined) {
    if (!facts.has.template) return [skip("lint-template", "chat template", "No file that could hold one is here.")];
    const held = {
      code: "lint-template-missing",
      where: "chat_template",
      severity: due === undefined ? "warn" : "fail",
    } as const;
    return [
      hold(
        false,
        { ...held, next: "Without one engines guess, often ChatML without the thought." },
        "a chat template",
        "none",
      ),
    ];
  }
  const { value, where } = facts.template;
  const thought = await thoughtCheck(facts, due, renderer);
  if (due === undefined) return [...thought, ...(await rendersAtAll(value, where, renderer))];
  if (trimmed(value) === trimmed(due)) return [{ code: "lint-template", outcome: "pass", where }, ...thought];
  return [...(await parity(value, due, where, renderer)), ...thought];
}

function trimmed(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}

/** Both templates on the same conversations, byte for byte. */
async function parity(value: string, due: string, where: string, renderer: Renderer): Promise<Check[]> {
  const next = "Take the model's own template, unchanged, and render it with a full Jinja.";
  const checks: Check[] = [];
  for (const [what, json] of CONVERSATIONS) {
    const [wanted, got] = [await rendered(due, json, renderer), await rendered(value, json, renderer)];
    if (wanted === got) continue;
    const held = { code: "lint-template", where: `${where}: ${what}`, next };
    checks.push(hold(false, held, ...firstDifference(wanted, got)));
  }
  if (checks.length > 0) return checks;
  const name = knownTemplate(value)?.name;
  const actual = `${name === undefined ? "another" : `that of ${name}`} (sha256 ${sha256(value).slice(0, 12)})`;
  const held = {
    code: "lint-template",
    where,
    severity: "warn",
    next: "It prints the same on six conversations; compare all with qwq oracle template.",
  } as const;
  return [hold(false, held, `the published text (sha256 ${sha256(due).slice(0, 12)})`, actual)];
}

function sha256(text: string): string {
  return createHash("sha256").update(trimmed(text)).digest("hex");
}

async function rendered(text: string, json: string, renderer: Renderer): Promise<string> {
  try {
    return await renderWith(text, conversationFromJson(readJson(json, "lint")), renderer);
  } catch (error) {
    if (error instanceof QwqError) return `an error: ${error.message}`;
    throw error;
  }
}

async function rendersAtAll(text: string, where: string, renderer: Renderer): Promise<Check[]> {
  const prompt = await rendered(text, CONVERSATIONS[0]![1], renderer);
  const held = { code: "lint-template", where, next: "Take the model's own template." };
  return [hold(!prompt.startsWith("an error: "), held, "a template that renders", prompt)];
}

/** QwQ's prompt opens the thought; a template that does not has the model answer at once. */
async function thoughtCheck(
  { template: claim, name }: Facts,
  due: string | undefined,
  renderer: Renderer,
): Promise<Check[]> {
  const [, question] = CONVERSATIONS[0]!;
  const opens =
    due === undefined ? /qwq(?!.*preview)/i.test(name ?? "") : opensThought(await rendered(due, question, renderer));
  if (!opens) return [];
  const prompt = await rendered(claim!.value, question, renderer);
  const held = {
    code: "lint-template-think",
    where: claim!.where,
    next: "The prompt ends with <think> and a line break, so that the model thinks; a parser must know that the reply has no opening tag.",
  };
  return [
    hold(
      opensThought(prompt),
      held,
      'a prompt that ends "<think>\\n"',
      `one that ends ${JSON.stringify(prompt.slice(-24))}`,
    ),
  ];
}
