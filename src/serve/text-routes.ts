/** Routes that need no model's weights: text to tokens, tokens to text, messages to a prompt. */
import type { Json } from "../json/json.ts";
import { describe } from "../json/fields.ts";
import { readChat } from "./chat-request.ts";
import { badField } from "./errors.ts";
import { Fields } from "./fields.ts";
import type { ServedModel } from "./model.ts";

/** POST /tokenize: {"content"} or {"prompt"}, or {"messages", "tools"?} by way of the template. */
export async function tokenizeText(model: ServedModel, json: Json): Promise<object> {
  const body = new Fields(json);
  const special = body.boolean("special") ?? true;
  const text = body.string("content") ?? body.string("prompt");
  if (text === undefined && body.get("messages") === undefined) throw body.bad("content", "a text");
  const prompt = text ?? (await render(model, json));
  const tokens = [...model.prompts.tokenizer.encode(prompt, { special })];
  return { tokens, count: tokens.length, max_model_len: model.engine.context };
}

/** POST /detokenize: {"tokens"}. */
export function detokenizeIds(model: ServedModel, json: Json): object {
  const body = new Fields(json);
  const tokens = body.array("tokens");
  if (tokens === undefined) throw body.bad("tokens", "an array of ids");
  const { vocabulary } = model.checkpoint.config;
  tokens.forEach((id, i) => {
    if (typeof id === "number" && id >= 0 && id < vocabulary) return;
    throw badField(`tokens[${i}]`, `an id from 0 to ${vocabulary - 1}`, describe(id));
  });
  const content = model.prompts.tokenizer.decode(tokens as number[]);
  return { content, prompt: content };
}

/** POST /apply-template: {"messages", "tools"?, "add_generation_prompt"?}. */
export async function applyTemplate(model: ServedModel, json: Json): Promise<object> {
  return { prompt: await render(model, json) };
}

function render(model: ServedModel, json: Json): Promise<string> {
  const { messages, tools } = readChat(json, model.checkpoint.config.vocabulary);
  const open = new Fields(json).boolean("add_generation_prompt") ?? true;
  return model.prompts.render(messages, tools.length > 0 ? tools : undefined, open);
}
