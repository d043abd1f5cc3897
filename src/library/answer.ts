/** What an answer is, and what is put together while it arrives. */
import type { EndReason, Likely, Token } from "../generate/generate.ts";
import type { Loop } from "../generate/repetition.ts";
import type { Reply, ReplyEvent, ToolCall } from "../text/reply.ts";
import type { Tokenizer, TokenStream } from "../text/tokenizer.ts";

/** A token, with the text that it makes certain; `forced` where a limit on thoughts put it in the model's place. */
export interface TokenEvent {
  readonly type: "token";
  readonly id: number;
  readonly text: string;
  readonly logprob: number;
  /** The likeliest tokens of this place, as `logprob` counts, as many as were asked for. */
  readonly top?: readonly Likely[];
  readonly forced?: true;
}

/** A token of the prompt: how likely it was after those before it; the first has none before it, and is not told. */
export interface PromptToken {
  readonly id: number;
  readonly logprob: number | undefined;
  /** The likeliest tokens of its place, as many as were asked for. */
  readonly top: readonly Likely[];
}

/**
 * What happens while the model answers. The texts of "thinking" join to the whole, as do those of "answer", and those of
 * "token" but for a character that the end cut off.
 */
export type AnswerEvent =
  | { readonly type: "prompt"; readonly tokens: readonly PromptToken[] }
  | TokenEvent
  | { readonly type: "thinking" | "answer"; readonly text: string }
  | { readonly type: "tool_call"; readonly call: ToolCall }
  | { readonly type: "loop"; readonly loop: Loop }
  | ({ readonly type: "end" } & Answer);

/** A whole answer. */
export interface Answer extends Reply {
  /** The ids generated, with the one that ended the reply. */
  readonly ids: readonly number[];
  /** Their text, special tokens left out. */
  readonly text: string;
  readonly reason: EndReason;
  readonly timings: Timings;
}

/** Seconds and tokens of the two parts of a run: reading the prompt, and writing the reply. */
export interface Timings {
  readonly promptTokens: number;
  /** How many of them a memory held already; absent where there was none. */
  readonly cachedTokens?: number;
  readonly promptSeconds: number;
  readonly tokens: number;
  readonly seconds: number;
  /** Tokens that were drafted, and how many of them came; only where drafts were asked for. */
  readonly drafted?: number;
  readonly accepted?: number;
}

/** Takes a reply apart: a ReplyParser, or PlainReply where the prompt was no conversation. */
export interface Parser {
  push(text: string): readonly ReplyEvent[];
  end(): { readonly events: readonly ReplyEvent[]; readonly reply: Reply };
}

/** All of the text is the answer. */
export class PlainReply implements Parser {
  private answer = "";

  push(text: string): readonly ReplyEvent[] {
    this.answer += text;
    return text === "" ? [] : [{ type: "answer", text }];
  }

  end(): { readonly events: readonly ReplyEvent[]; readonly reply: Reply } {
    return { events: [], reply: { thinking: "", answer: this.answer, toolCalls: [] } };
  }
}

const NO_TEXT: Pick<TokenStream, "push" | "end"> = { push: () => "", end: () => "" };

/** An answer while it arrives: from tokens to events. */
export class Arriving {
  private readonly ids: number[] = [];
  private text = "";
  private readonly stream: Pick<TokenStream, "push" | "end">;
  private readonly parser: Parser;
  private readonly promptTokens: number;
  private readonly began = performance.now();
  private readAt = this.began;
  private kept: number | undefined;
  private drafts: { readonly drafted: number; readonly accepted: number } | undefined;

  /** Without a tokenizer, for a prompt of ids, there is no text. */
  constructor(tokenizer: Tokenizer | undefined, parser: Parser, promptTokens: number) {
    this.stream = tokenizer?.stream({ skipSpecial: true }) ?? NO_TEXT;
    this.parser = parser;
    this.promptTokens = promptTokens;
  }

  /** A part of the prompt has been read. */
  prompt(): void {
    this.readAt = performance.now();
  }

  /** So many of the prompt's tokens need not be read. */
  cached(tokens: number): void {
    this.kept = tokens === 0 ? undefined : tokens;
  }

  /** A draft of so many tokens was tried, and so many came. */
  draft(drafted: number, accepted: number): void {
    const { drafts = { drafted: 0, accepted: 0 } } = this;
    this.drafts = { drafted: drafts.drafted + drafted, accepted: drafts.accepted + accepted };
  }

  /** What a token makes certain; with it, so many of the likeliest tokens. */
  *token(token: Token, top = 0): Generator<AnswerEvent, void> {
    const { id, loop } = token;
    this.ids.push(id);
    const text = this.stream.push(id);
    this.text += text;
    yield {
      type: "token",
      id,
      text,
      get logprob() {
        return token.logprob;
      },
      ...(top > 0 && { top: token.likeliest(top) }),
      ...(token.forced && { forced: true as const }),
    };
    if (loop !== undefined) yield { type: "loop", loop };
    yield* this.parser.push(text);
  }

  /** What the end makes certain, and the whole. */
  *end(reason: EndReason): Generator<AnswerEvent, void> {
    const rest = this.stream.end();
    this.text += rest;
    yield* this.parser.push(rest);
    const { events, reply } = this.parser.end();
    yield* events;
    const { ids, text, promptTokens, readAt, began } = this;
    const [promptSeconds, seconds] = [(readAt - began) / 1000, (performance.now() - readAt) / 1000];
    const kept = this.kept === undefined ? {} : { cachedTokens: this.kept };
    const timings = { promptTokens, ...kept, promptSeconds, tokens: ids.length, seconds, ...this.drafts };
    yield { type: "end", ids, text, ...reply, reason, timings };
  }
}
