/** A streamed reply, put together from its events. Servers differ in where they put thoughts and calls; all are read. */
import { FormatError, QwqError } from "../errors.ts";
import { as } from "../json/fields.ts";
import { readJson } from "../json/json.ts";
import { parseReply, type ToolCall } from "../text/reply.ts";
import { type Question, type Said, thoughtTokens } from "./responder.ts";

interface Chunk {
  readonly error?: { readonly message?: string } | string;
  readonly choices?: readonly {
    readonly delta?: Delta;
    readonly message?: Delta;
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: Usage | null;
}

interface Delta {
  readonly content?: string | null;
  /** vLLM, SGLang, llama-server and DeepSeek; others call it `reasoning`. */
  readonly reasoning_content?: string | null;
  readonly reasoning?: string | null;
  readonly tool_calls?: readonly CallDelta[] | null;
}

interface CallDelta {
  readonly index?: number;
  readonly function?: { readonly name?: string | null; readonly arguments?: string | null };
}

interface Usage {
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number } | null;
}

export class Stream {
  /** What the server said instead of going on. */
  error: string | undefined;
  private readonly question: Question;
  private reason: string | undefined;
  private thinking = "";
  private content = "";
  private readonly calls: { name: string; arguments: string }[] = [];
  private usage: Usage | undefined;

  constructor(question: Question) {
    this.question = question;
  }

  /** Whether the reply has come to its end. */
  get ended(): boolean {
    return this.reason !== undefined;
  }

  /** Takes the data of an event. Throws FormatError E_NET_ANSWER. */
  take(data: string): void {
    if (data === "[DONE]") return;
    const { error, choices, usage } = chunkOf(data);
    if (error !== undefined) this.error = typeof error === "string" ? error : (error.message ?? "an error");
    if (usage) this.usage = usage;
    const choice = choices?.[0];
    if (choice === undefined) return;
    this.add(choice.delta ?? choice.message ?? {});
    if (choice.finish_reason) this.reason = choice.finish_reason;
  }

  private add({ content, reasoning_content, reasoning, tool_calls }: Delta): void {
    const thought = reasoning_content ?? reasoning ?? "";
    if (thought !== "") this.question.onText?.(thought, "thinking");
    if (content) this.question.onText?.(content, "answer");
    this.thinking += thought;
    this.content += content ?? "";
    for (const { index = this.calls.length, function: part } of tool_calls ?? []) {
      const call = (this.calls[index] ??= { name: "", arguments: "" });
      call.name += part?.name ?? "";
      call.arguments += part?.arguments ?? "";
    }
  }

  /** The reply; `seconds` is how long it took. */
  said(seconds: number): Said {
    const { content, usage } = this;
    // Where the server leaves thoughts and calls in the text they are taken apart here, as for a local model.
    const own = parseReply(content, {
      opened: this.thinking === "" && content.includes("</think>"),
      toolCalls: this.question.tools !== undefined && this.calls.length === 0,
    });
    const thinking = this.thinking === "" ? own.thinking : this.thinking;
    const tokens = usage?.completion_tokens;
    const counted = usage?.completion_tokens_details?.reasoning_tokens;
    return {
      thinking,
      answer: own.answer,
      toolCalls: this.calls.length > 0 ? this.calls.filter(Boolean).map(callOf) : own.toolCalls,
      reason: this.reason ?? "cut",
      promptTokens: usage?.prompt_tokens,
      tokens,
      thinkingTokens: counted ?? thoughtTokens(tokens, thinking, own.answer),
      seconds,
    };
  }
}

function chunkOf(data: string): Chunk {
  try {
    const chunk: unknown = JSON.parse(data);
    if (typeof chunk === "object" && chunk !== null) return chunk;
  } catch {
    // said below
  }
  throw new FormatError("E_NET_ANSWER", "server", { expected: "events of JSON", actual: data.slice(0, 80) });
}

/** A call whose arguments came as text. */
function callOf({ name, arguments: text }: { name: string; arguments: string }): ToolCall {
  const given = text.trim() || "{}";
  const raw = `{"name": ${JSON.stringify(name)}, "arguments": ${given}}`; // as it would stand between QwQ's tags
  try {
    return { name, arguments: as(readJson(given, "arguments"), "object", "", "arguments"), raw };
  } catch (error) {
    if (!(error instanceof QwqError)) throw error;
    return { name, arguments: new Map(), raw, error: error.message };
  }
}
