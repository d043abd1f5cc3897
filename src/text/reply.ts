/**
 * A model's reply, taken apart while it arrives: thoughts, answer, tool calls.
 *
 * - A thought begins where the prompt opened one, or at a `<think>` that has nothing but white space before it. QwQ's
 *   prompt ends in `<think>`; a model that opens the thought again has opened one thought. Anywhere else `<think>` is
 *   text.
 * - It ends at the first `</think>`. A later one is text of the answer. Where there is none, all of the reply is
 *   thought and the answer is empty: it was cut off.
 * - `<tool_call>` counts only outside thoughts, and ends at the next `</tool_call>`. Between them stands
 *   `{"name": ..., "arguments": {...}}`; what is anything else is kept as it came, with the reason. A call that the end
 *   cut off counts if its JSON is whole.
 * - Line breaks next to a tag belong to it. All others are kept. Text around calls is one answer, its parts on lines of
 *   their own.
 */
import { QwqError } from "../errors.ts";
import { as, field } from "../json/fields.ts";
import { type JsonObject, readJson } from "../json/json.ts";

/** A call as the model wrote it. */
export interface ToolCall {
  /** Empty where the call could not be read. */
  readonly name: string;
  /** Every number as the model wrote it; empty where the call could not be read. */
  readonly arguments: JsonObject;
  /** What stood between the tags. */
  readonly raw: string;
  /** Why it could not be read. */
  readonly error?: string;
}

/** What became certain: a piece of text, or a whole call. */
export type ReplyEvent =
  | { readonly type: "thinking" | "answer"; readonly text: string }
  | { readonly type: "tool_call"; readonly call: ToolCall };

/** The whole reply. Its texts are those of the events, joined. */
export interface Reply {
  readonly thinking: string;
  readonly answer: string;
  readonly toolCalls: readonly ToolCall[];
}

/** What is known of a reply before it comes. */
export interface ReplyOptions {
  /** Whether the prompt ended inside a thought: `opensThought(prompt)`. */
  readonly opened: boolean;
  /** Whether `<tool_call>` is a call; text where false. */
  readonly toolCalls: boolean;
}

const OPEN = "<think>";
const CLOSE = "</think>";
const CALL = "<tool_call>";
const CALLED = "</tool_call>";

/** The reply of a text that has arrived. */
export function parseReply(text: string, options: ReplyOptions): Reply {
  const parser = new ReplyParser(options);
  parser.push(text);
  return parser.end().reply;
}

/** Takes a reply piece by piece; where the pieces were cut, also inside a tag, makes no difference to the reply. */
export class ReplyParser {
  private readonly options: ReplyOptions;
  private state: "start" | "thinking" | "answer" | "call" = "start";
  /** Text of which it is not yet certain what it is: the beginning of a tag, or a call that has not ended. */
  private waiting = "";
  /** Line breaks that belong to the text if text follows, and to the tag if a tag does. */
  private breaks = "";
  /** Whether a tag has just ended, so that line breaks belong to it. */
  private afterTag = false;
  private thinking = "";
  private answer = "";
  private readonly toolCalls: ToolCall[] = [];
  private events: ReplyEvent[] = [];

  constructor(options: ReplyOptions) {
    this.options = options;
  }

  /** Takes the next piece, and gives what became certain by it. */
  push(text: string): ReplyEvent[] {
    this.waiting += text;
    while (this.step());
    return this.taken();
  }

  /** Ends the reply. The events are those of text that waited for a tag that did not come. */
  end(): { readonly events: ReplyEvent[]; readonly reply: Reply } {
    if (this.state === "start") this.begin();
    const rest = this.waiting;
    this.waiting = "";
    if (this.state === "call") this.call(rest);
    else this.print(rest);
    if (!this.afterTag) this.emit(this.breaks);
    const { thinking, answer, toolCalls } = this;
    return { events: this.taken(), reply: { thinking, answer, toolCalls } };
  }

  private taken(): ReplyEvent[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  /** Does one thing with the text that waits; whether there may be another to do. */
  private step(): boolean {
    switch (this.state) {
      case "start":
        return this.start();
      case "thinking":
        return this.upTo(CLOSE, "answer");
      case "answer":
        return this.options.toolCalls ? this.upTo(CALL, "call") : this.upTo(undefined, "answer");
      case "call":
        return this.called();
    }
  }

  private start(): boolean {
    const text = this.waiting.trimStart();
    if (text.startsWith(OPEN)) {
      this.waiting = text.slice(OPEN.length);
      this.enter("thinking");
      return true;
    }
    if (OPEN.startsWith(text)) return false;
    this.begin();
    return true;
  }

  /** The reply has no opening tag of its own. */
  private begin(): void {
    if (this.options.opened) this.enter("thinking");
    else this.state = "answer";
  }

  private enter(state: "thinking" | "answer" | "call"): void {
    this.state = state;
    this.breaks = "";
    this.afterTag = true;
  }

  /** Prints what is certainly before the tag, and enters the next state where the tag is there. */
  private upTo(tag: string | undefined, next: "answer" | "call"): boolean {
    const text = this.waiting;
    const at = tag === undefined ? -1 : text.indexOf(tag);
    const end = at >= 0 ? at : text.length - beginning(text, tag ?? "");
    this.print(text.slice(0, end));
    this.waiting = text.slice(at >= 0 ? end + (tag ?? "").length : end);
    if (at >= 0) this.enter(next);
    return at >= 0;
  }

  private called(): boolean {
    const at = this.waiting.indexOf(CALLED);
    if (at < 0) return false;
    const raw = this.waiting.slice(0, at);
    this.waiting = this.waiting.slice(at + CALLED.length);
    this.call(raw);
    this.enter("answer");
    return true;
  }

  private call(raw: string): void {
    const call = readCall(raw);
    this.toolCalls.push(call);
    this.events.push({ type: "tool_call", call });
  }

  /** Text of a thought or the answer; line breaks at its end wait. */
  private print(text: string): void {
    const all = this.breaks + text;
    const body = this.afterTag ? all.replace(/^\n+/, "") : all;
    const end = body.replace(/\n+$/, "").length;
    this.breaks = body.slice(end);
    if (end === 0) return;
    // only a call can have come between two parts of the answer
    if (this.afterTag && this.state === "answer" && this.answer !== "") this.emit("\n");
    this.afterTag = false;
    this.emit(body.slice(0, end));
  }

  private emit(text: string): void {
    if (text === "") return;
    const type = this.state === "thinking" ? "thinking" : "answer";
    this[type] += text;
    this.events.push({ type, text });
  }
}

/** How many characters at the end of the text may be the beginning of the tag. */
function beginning(text: string, tag: string): number {
  let length = Math.min(tag.length - 1, text.length);
  while (length > 0 && !text.endsWith(tag.slice(0, length))) length--;
  return Math.max(length, 0);
}

function readCall(raw: string): ToolCall {
  try {
    const call = as(readJson(raw.trim(), CALL), "object", "", CALL);
    return { name: field(call, "name", "string", CALL), arguments: field(call, "arguments", "object", CALL), raw };
  } catch (error) {
    if (!(error instanceof QwqError)) throw error;
    return { name: "", arguments: new Map(), raw, error: error.message };
  }
}
