/** From what is asked to ids: the part of a model that needs its files of text and none of its weights. */
import type { Checkpoint } from "../files/checkpoint.ts";
import { inFile } from "../errors.ts";
import type { Content, Message } from "../text/messages.ts";
import type { ReplyOptions } from "../text/reply.ts";
import { isTemplates, opensThought, renderChat } from "../text/template.ts";
import { Tokenizer } from "../text/tokenizer.ts";
import { noTemplate, noTokenizer } from "./missing.ts";
import type { AskOptions, Encoded, Prompt } from "./options.ts";

/** What turns a prompt into ids. */
export type PromptOptions = Pick<AskOptions, "raw" | "system" | "tools">;

/** A model's tokenizer and chat template. */
export class Prompts {
  private readonly checkpoint: Checkpoint;
  private readonly text: Tokenizer | undefined;

  constructor(checkpoint: Checkpoint) {
    this.checkpoint = checkpoint;
    const { vocabulary, path } = checkpoint;
    this.text = vocabulary === undefined ? undefined : new Tokenizer(vocabulary, path);
  }

  /** Text to ids and back. Throws FormatError E_TOK_VOCAB where the model has no tokenizer. */
  get tokenizer(): Tokenizer {
    if (this.text === undefined) throw noTokenizer(this.checkpoint.path);
    return this.text;
  }

  get hasTokenizer(): boolean {
    return this.text !== undefined;
  }

  /**
   * The prompt that the chat template makes of messages; ready for an answer unless told.
   *
   * throws   FormatError E_TPL_UNKNOWN where the model has no template, and as `renderChat`
   */
  async render(
    messages: readonly (Message | ReadonlyMap<string, Content>)[],
    tools?: readonly Content[],
    addGenerationPrompt = true,
  ): Promise<string> {
    const { template, path, specialTokens } = this.checkpoint;
    if (template === undefined) throw noTemplate(path);
    try {
      return await renderChat(template, { messages, tools, addGenerationPrompt, specialTokens });
    } catch (error) {
      throw isTemplates(error) ? inFile(error, path) : error;
    }
  }

  /** What a prompt becomes. Throws as `render`, and FormatError E_TOK_VOCAB for text without a tokenizer. */
  async encode(prompt: Prompt, { raw, system, tools }: PromptOptions = {}): Promise<Encoded> {
    if (prompt instanceof Uint32Array) return { ids: prompt };
    if (typeof prompt === "string" && raw) return { ids: this.tokenizer.encode(prompt) };
    const turns = typeof prompt === "string" ? [{ role: "user", content: prompt }] : prompt;
    const text = await this.render(
      system === undefined ? turns : [{ role: "system", content: system }, ...turns],
      tools,
    );
    return { ids: this.tokenizer.encode(text), reply: this.replyTo(text, true) };
  }

  /** How the reply to a rendered conversation is taken apart. */
  replyTo(text: string, toolCalls: boolean): ReplyOptions {
    return { opened: opensThought(text), toolCalls };
  }
}
