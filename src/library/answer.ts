/** What an answer is, and what is put together while it arrives. */
import type { EndReason, Token } from "../generate/generate.ts";
import type { Loop } from "../generate/repetition.ts";
import type { Reply, ToolCall } from "../text/reply.ts";
import type { Tokenizer } from "../text/tokenizer.ts";

/** What happens while the model answers. The texts of "thinking" and "answer" join to the whole, as do those of "token". */
export type AnswerEvent =
  | { readonly type: "token"; readonly id: number; readonly text: string; readonly logprob: number }
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
  readonly promptSeconds: number;
  readonly tokens: number;
  readonly seconds: number;
}

/** What has been generated so far, as ids and as text. */
export class Written {
  readonly ids: number[] = [];
  all = "";
  private readonly stream;

  constructor(tokenizer: Tokenizer) {
    this.stream = tokenizer.stream({ skipSpecial: true });
  }

  push({ id }: Token): string {
    this.ids.push(id);
    return this.add(this.stream.push(id));
  }

  end(): string {
    return this.add(this.stream.end());
  }

  private add(text: string): string {
    this.all += text;
    return text;
  }
}

/** Times the prompt and the reply. */
export class Clock {
  private readonly began = performance.now();
  private readAt = this.began;
  private readonly promptTokens: number;

  constructor(promptTokens: number) {
    this.promptTokens = promptTokens;
  }

  /** A part of the prompt has been read. */
  prompt(): void {
    this.readAt = performance.now();
  }

  timings(tokens: number): Timings {
    const { promptTokens, readAt, began } = this;
    return {
      promptTokens,
      promptSeconds: (readAt - began) / 1000,
      tokens,
      seconds: (performance.now() - readAt) / 1000,
    };
  }
}
