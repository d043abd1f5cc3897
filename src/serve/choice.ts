/** One choice of a response while it arrives: the model's events, cut at stop texts, with the tokens of each piece. */
import type { AnswerEvent, PromptToken, Timings, TokenEvent } from "../library/answer.ts";
import type { ToolCall } from "../text/reply.ts";
import type { Flaw } from "../verify/flaws.ts";
import type { Asked, Engine } from "./engine.ts";
import { mixingIn } from "./flaws.ts";
import { StopTexts } from "./stop.ts";

/** What happens in a choice. */
export type ChoiceEvent =
  | { readonly type: "prompt"; readonly tokens: readonly PromptToken[] }
  | { readonly type: "token" }
  | { readonly type: "thinking"; readonly text: string }
  /** `tokens` are those that the text came from. */
  | { readonly type: "answer"; readonly text: string; readonly tokens: readonly TokenEvent[] }
  | { readonly type: "tool_call"; readonly call: ToolCall }
  | ({ readonly type: "end" } & ChoiceEnd);

/** How it ended. */
export interface ChoiceEnd {
  readonly reason: "stop" | "length" | "tool_calls" | "interrupted";
  readonly tokens: number;
  /** Those of them that were thoughts. */
  readonly reasoningTokens: number;
  /** Tokens of the prompt that need not be read. */
  readonly cachedTokens: number;
  /** What is wrong with it. */
  readonly flaws: readonly Flaw[];
}

/** What a choice is asked for beside the reply itself. */
export interface ChoiceOptions {
  readonly stop: readonly string[];
  /** Whether it ends with the first call. */
  readonly oneCall: boolean;
  /** Whether every token is told, also the one that ends the reply; without it those of the answer alone are. */
  readonly everyToken: boolean;
  /** What was asked: languages that stand in it are not mixed in. */
  readonly question: string;
  /** Whether nothing but the prompt's own tokens is wanted. */
  readonly promptOnly?: boolean | undefined;
}

/** Follows one reply. */
class Following {
  private readonly options: ChoiceOptions;
  private readonly stops: StopTexts;
  /** Tokens whose text has not come yet. */
  private waiting: TokenEvent[] = [];
  private tokens = 0;
  private reasoning = 0;
  private calls = 0;
  private readonly flaws: Flaw[] = [];
  private thoughts = "";
  /** Whether the rest is not wanted. */
  done = false;

  constructor(options: ChoiceOptions) {
    this.options = options;
    this.stops = new StopTexts(options.stop);
  }

  *event(event: AnswerEvent): Generator<ChoiceEvent, void> {
    switch (event.type) {
      case "prompt":
        this.done = this.options.promptOnly === true;
        return yield event;
      case "token":
        this.tokens++;
        this.waiting.push(event);
        return yield { type: "token" };
      case "thinking":
        this.reasoning = this.tokens;
        this.waiting = [];
        this.thoughts += event.text;
        return yield { type: "thinking", text: event.text };
      case "answer":
        return yield* this.answer(this.stops.push(event.text));
      case "tool_call":
        yield* this.answer(this.stops.end());
        this.calls++;
        this.waiting = [];
        this.done = this.options.oneCall;
        return yield event;
      case "loop":
        this.flaws.push({ type: "endless_repetition", ...event.loop });
        return;
      case "end":
        yield* this.answer(this.stops.end());
        yield* this.left();
        return yield this.end(event.reason, event.timings);
    }
  }

  /** The end of what is not wanted further. */
  end(reason: "stop" | "length" | "loop" | "interrupted" = "stop", timings?: Timings): ChoiceEvent & { type: "end" } {
    const { tokens, reasoning, flaws } = this;
    const cut = reason === "loop" ? "length" : reason;
    return {
      type: "end",
      reason: cut === "stop" && this.calls > 0 ? "tool_calls" : cut,
      tokens,
      reasoningTokens: reasoning,
      cachedTokens: timings?.cachedTokens ?? 0,
      flaws,
    };
  }

  private *answer(text: string): Generator<ChoiceEvent, void> {
    this.done ||= this.stops.found;
    if (text === "") return;
    yield { type: "answer", text, tokens: this.tokensOf(text) };
  }

  /** Looks for what is seen only in the whole of the thoughts. */
  async look(): Promise<void> {
    this.flaws.push(...(await mixingIn(this.thoughts, this.options.question)));
  }

  /** Tokens that no text came of; the one that ended the reply is among them. */
  private *left(): Generator<ChoiceEvent, void> {
    const { waiting: tokens } = this;
    if (this.options.everyToken && tokens.length > 0) yield { type: "answer", text: "", tokens };
  }

  /** The last tokens whose texts together hold this one; what came before them is of a tag. */
  private tokensOf(text: string): readonly TokenEvent[] {
    const all = this.waiting;
    this.waiting = [];
    if (this.options.everyToken) return all;
    let first = all.length;
    for (let joined = ""; first > 0 && !joined.includes(text);) joined = all[--first]!.text + joined;
    return all.slice(first);
  }
}

/** The events of a choice, the last of which is its end. Throws as the engine. */
export async function* choiceOf(
  engine: Engine,
  asked: Asked,
  options: ChoiceOptions,
  signal: AbortSignal,
): AsyncGenerator<ChoiceEvent, void> {
  const following = new Following(options);
  for await (const event of engine.generate(asked, signal)) {
    if (event.type === "end") await following.look();
    for (const each of following.event(event)) {
      yield each;
      if (each.type === "end") return;
    }
    if (!following.done) continue;
    await following.look();
    return yield following.end(event.type === "prompt" ? "length" : "stop");
  }
}
