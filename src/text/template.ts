/**
 * Chat templates: from messages to the prompt, byte for byte as Hugging Face renders it.
 *
 * A template is a program that comes with a model's files. Three are known by their text and run in this process; any
 * other runs in a child process with limits on time and memory (src/text/template-process.ts).
 */
import { createHash } from "node:crypto";
import { FormatError, QwqError } from "../errors.ts";
import { quote } from "../json/quote.ts";
import { render } from "./jinja/render.ts";
import type { Dict } from "./jinja/value.ts";
import { type Conversation, templateVariables } from "./messages.ts";
import { type Limits, renderApart, type Renderer } from "./template-process.ts";

/** A template whose text is known. */
export interface KnownTemplate {
  /** The model it comes with. */
  readonly name: "QwQ-32B" | "Qwen2.5-Instruct" | "SmolLM2-Instruct";
  /** The roles it renders; it leaves out messages of any other. `undefined` where it prints every role's name. */
  readonly roles: readonly string[] | undefined;
}

const QWEN_ROLES = ["system", "user", "assistant", "tool"] as const;

/** By the sha256 of the text without the newline at its end. */
const KNOWN: ReadonlyMap<string, KnownTemplate> = new Map<string, KnownTemplate>([
  ["cb2d7aa140bed098f4ac8ab1a403980e6768d58ec95ef701668fc7dd017e0762", { name: "QwQ-32B", roles: QWEN_ROLES }],
  ["55b2f4a26ac9ee719330a61a0c39d9e538b0e9322212f048326318cff4f8674a", { name: "Qwen2.5-Instruct", roles: QWEN_ROLES }],
  ["872be49dbb638044ad01b60388f48d469ff2980e5f0dccdc22ec907db54d0788", { name: "SmolLM2-Instruct", roles: undefined }],
]);

/** The known template that this text is, if it is one. A newline at the end makes no difference, as in Jinja2. */
export function knownTemplate(template: string): KnownTemplate | undefined {
  const text = template.endsWith("\n") ? template.slice(0, -1) : template;
  return KNOWN.get(createHash("sha256").update(text).digest("hex"));
}

/**
 * The prompt a chat template makes of a conversation.
 *
 * Stricter than Hugging Face in one case: the Qwen templates leave out a message whose role they do not know, without a
 * word; here it is an error.
 *
 * throws   FormatError E_MSG_SCHEMA (not a conversation), E_TPL_RENDER (the template refuses it, as in Hugging Face),
 *          E_TPL_SYNTAX, E_TPL_UNSUPPORTED; LimitError E_TPL_LIMIT, E_TPL_DEPTH
 * golden   text/conversations.jsonl
 */
export function renderChat(template: string, conversation: Conversation, limits: Limits = {}): Promise<string> {
  return renderWith(template, conversation, { render: (text, variables) => renderApart(text, variables, limits) });
}

/** The same, with one process for every template that is not known. Throws as `renderChat`. */
export async function renderWith(
  template: string,
  conversation: Conversation,
  renderer: Pick<Renderer, "render">,
): Promise<string> {
  const known = knownTemplate(template);
  const variables = templateVariables(conversation);
  return known === undefined ? renderer.render(template, variables) : renderHere(template, known, variables);
}

/** Whether an error of `renderChat` is the template's fault, and not the conversation's. */
export function isTemplates(error: unknown): boolean {
  return error instanceof QwqError && ["E_TPL_SYNTAX", "E_TPL_UNSUPPORTED", "E_TPL_DEPTH"].includes(error.code);
}

/** `renderChat` without a promise, for the known templates. Throws FormatError E_TPL_UNKNOWN for any other. */
export function renderKnown(template: string, conversation: Conversation): string {
  const known = knownTemplate(template);
  if (known !== undefined) return renderHere(template, known, templateVariables(conversation));
  throw new FormatError("E_TPL_UNKNOWN", "chat template", {
    expected: `that of ${[...KNOWN.values()].map(({ name }) => name).join(", ")}`,
    actual: `one that begins ${quote(template.slice(0, 40))}`,
    hint: "Use renderChat, which renders it in a process of its own.",
  });
}

/** Whether the prompt ends inside a thought it opened, so that what the model writes has no `<think>` of its own. */
export function opensThought(prompt: string): boolean {
  return /<think>\s*$/.test(prompt);
}

function renderHere(template: string, { roles, name }: KnownTemplate, variables: Dict): string {
  const messages = variables.get("messages");
  const all = Array.isArray(messages) ? messages : [];
  all.forEach((message, i) => {
    const role = message instanceof Map ? message.get("role") : undefined;
    if (roles === undefined || (typeof role === "string" && roles.includes(role))) return;
    throw new FormatError("E_MSG_SCHEMA", `messages[${i}].role`, {
      expected: `one of ${roles.join(", ")}`,
      actual: typeof role === "string" ? quote(role) : "none",
      hint: `The template of ${name} would leave the message out; give it a role it knows.`,
    });
  });
  return render(template, variables);
}
