/** The model in this process, as one who answers. */
import { basename } from "node:path";
import type { Answer } from "../library/answer.ts";
import type { AskOptions, QwQ } from "../library/qwq.ts";
import { LimitError } from "../errors.ts";
import type { Question, Responder, Said } from "./responder.ts";

/** How a local model answers. */
export interface LocalSettings extends Pick<AskOptions, "onLoop" | "thinkTokens" | "speculate" | "onPrompt"> {
  /** Keeps what it has read of a conversation for the next turn; takes the memory of its whole context at once. */
  readonly remember?: boolean | undefined;
}

/** Asks `qwq`, one question at a time. */
export class LocalResponder implements Responder {
  readonly name: string;
  readonly atOnce = 1;
  readonly context: number;
  private readonly qwq: QwQ;
  private readonly settings: Partial<AskOptions>;
  private last: Promise<unknown> = Promise.resolve();

  /** `model` is what it was loaded by. */
  constructor(qwq: QwQ, model: string | undefined, { remember, ...settings }: LocalSettings = {}) {
    this.qwq = qwq;
    this.context = qwq.context;
    this.name = model === undefined ? "embedded" : basename(model);
    this.settings = remember ? { ...settings, memory: qwq.remember() } : settings;
  }

  /** The reply; a question waits for those before it. */
  ask(question: Question): Promise<Said> {
    const turn = this.last.then(() => this.answer(question));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  /** Closes the model, once it has said what it was asked. */
  async close(): Promise<void> {
    await this.last;
    this.qwq.close();
  }

  private async answer({ messages, tools, drawing, seed, signal, onText }: Question): Promise<Said> {
    signal?.throwIfAborted();
    const { maxTokens, ...sampling } = drawing;
    const room = this.qwq.context - (await this.qwq.promptIds(messages, { tools })).length;
    if (room < 1) throw noRoom(this.qwq.context);
    const most = maxTokens === undefined ? undefined : Math.max(1, Math.min(maxTokens, room));
    const given = Object.fromEntries(Object.entries(sampling).filter(([, value]) => value !== undefined));
    const ask: AskOptions = { ...this.settings, ...given, tools, seed, signal, maxTokens: most };
    let [tokens, thinkingTokens] = [0, 0];
    let end: Answer | undefined;
    for await (const event of this.qwq.generate(messages, ask)) {
      if (event.type === "thinking" || event.type === "answer") onText?.(event.text, event.type);
      if (event.type === "token") tokens++;
      if (event.type === "thinking") thinkingTokens = tokens; // without what closes the thoughts
      if (event.type === "end") end = event;
    }
    signal?.throwIfAborted();
    const { thinking, answer, toolCalls, reason, timings } = end!;
    return {
      thinking,
      answer,
      toolCalls,
      reason,
      promptTokens: timings.promptTokens,
      tokens: timings.tokens,
      thinkingTokens,
      seconds: timings.promptSeconds + timings.seconds,
    };
  }
}

function noRoom(context: number): LimitError {
  return new LimitError("E_LIMIT_CONTEXT", "prompt", {
    expected: `fewer than ${context} tokens, the model's context`,
    actual: "as many or more",
    hint: "Shorten the prompt or raise --context.",
  });
}
