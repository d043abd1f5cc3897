/**
 * A server that speaks OpenAI's chat completions (vLLM, SGLang, llama-server, `qwq serve`, a provider), as one who answers.
 * Replies are streamed, so that a server that thinks for half an hour is told from one that is dead; a reply that was cut
 * is asked for again, whole, with the same seed.
 */
import { createParser } from "eventsource-parser";
import pRetry from "p-retry";
import type { Dispatcher } from "undici";
import { FormatError, IoError, LimitError, QwqError, UsageError } from "../errors.ts";
import { quote } from "../json/quote.ts";
import { requestBody } from "./request.ts";
import { type Question, type Responder, type Said } from "./responder.ts";
import { Stream } from "./stream.ts";

/** Where a server is, and how patiently it is asked. */
export interface ServerSettings {
  /** Its address, with or without /v1. */
  readonly url: string;
  /** The model to ask for; the first that the server lists unless told. */
  readonly model?: string | undefined;
  readonly key?: string | undefined;
  /** Questions at a time; 8 unless told. */
  readonly atOnce?: number | undefined;
  /** Attempts after the first; 10 unless told. */
  readonly retries?: number | undefined;
  /** Milliseconds before the second attempt; each waits twice as long as the one before, a minute at most. */
  readonly backoff?: number | undefined;
  /** Seconds of silence after which an attempt is given up; 600 unless told. */
  readonly silence?: number | undefined;
  /** Sends no field that OpenAI itself would refuse: top_k, min_p, repetition_penalty. */
  readonly plain?: boolean | undefined;
  /** Told of each attempt that failed and is made again: what came, and which attempt it was. */
  readonly onRetry?: ((why: string, attempt: number) => void) | undefined;
  /** Told of each reply for whose tokens, so many at most, the server had no room beside the prompt. */
  readonly onRoom?: ((maxTokens: number) => void) | undefined;
}

/** Answers that another attempt may better. */
const AGAIN = [408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529];
const LONGEST_WAIT = 60_000;
/** Characters of an error's body that are read. */
const SAID = 2_000;

/** Codes by which a server says that its context is full: OpenAI's, llama-server's. */
const CONTEXT = /"(?:context_length_exceeded|exceed_context_size_error)"/;
/** What those say that have no code. */
const CONTEXT_SAID = /context (length|size|window)|too long|maximum.*(length|tokens)/i;

/** A failure of one attempt. `after` is what the server asks to wait, in milliseconds. */
class Attempt extends Error {
  readonly error: QwqError;
  readonly again: boolean;
  readonly after: number | undefined;
  constructor(error: QwqError, again: boolean, after?: number) {
    super(error.message);
    this.error = error;
    this.again = again;
    this.after = after;
  }
}

/** One who answers by way of a server: `ServerResponder.open` finds it. */
export class ServerResponder implements Responder {
  readonly name: string;
  readonly atOnce: number;
  private readonly settings: ServerSettings;
  private readonly base: string;
  private readonly undici: typeof import("undici");
  private readonly agent: Dispatcher;
  /** Nobody asks before: a server that said to wait said so to all. */
  private notBefore = 0;

  private constructor(settings: ServerSettings, name: string, undici: typeof import("undici"), agent: Dispatcher) {
    this.settings = settings;
    this.name = name;
    this.atOnce = settings.atOnce ?? 8;
    this.base = baseOf(settings.url);
    this.undici = undici;
    this.agent = agent;
  }

  /**
   * Finds the server, and the model's name.
   *
   * throws   UsageError E_ARG_SERVER for what is no address; IoError E_NET_UNREACHABLE, E_NET_ANSWER
   */
  static async open(settings: ServerSettings, signal?: AbortSignal): Promise<ServerResponder> {
    baseOf(settings.url);
    const undici = await import("undici");
    const silence = (settings.silence ?? 600) * 1000;
    const agent = new undici.EnvHttpProxyAgent({ headersTimeout: silence, bodyTimeout: silence });
    const nameless = new ServerResponder(settings, "", undici, agent);
    try {
      const name = settings.model ?? (await nameless.persist(() => nameless.firstModel(signal), signal));
      return new ServerResponder(settings, name, undici, agent);
    } catch (error) {
      await agent.close();
      throw error;
    }
  }

  /** A server whose context is too small for the prompt and all the new tokens gives the reply what room there is. */
  async ask(question: Question): Promise<Said> {
    const { drawing, signal } = question;
    try {
      return await this.persist(() => this.attempt(question), signal);
    } catch (error) {
      if (drawing.maxTokens === undefined || !(error instanceof LimitError)) throw error;
      const said = await this.persist(() => this.attempt({ ...question, drawing: unlimited(drawing) }), signal);
      this.settings.onRoom?.(drawing.maxTokens);
      return said;
    }
  }

  /** Closes its connections. */
  async close(): Promise<void> {
    await this.agent.destroy();
  }

  /** Tries until it is done, or will not be. */
  private async persist<R>(attempt: () => Promise<R>, signal: AbortSignal | undefined): Promise<R> {
    const { retries = 10, backoff = 1000, onRetry } = this.settings;
    try {
      return await pRetry(attempt, {
        retries,
        minTimeout: backoff,
        maxTimeout: Math.max(backoff, LONGEST_WAIT),
        randomize: true, // or all would come back together
        ...(signal && { signal }),
        shouldRetry: ({ error }) => error instanceof Attempt && error.again,
        onFailedAttempt: ({ error, attemptNumber, retriesLeft }) => {
          if (!(error instanceof Attempt) || !error.again) return;
          if (error.after !== undefined) this.notBefore = Math.max(this.notBefore, Date.now() + error.after);
          if (retriesLeft > 0) onRetry?.(error.error.actual ?? error.message, attemptNumber);
        },
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof Attempt ? error.error : error;
    }
  }

  private async firstModel(signal: AbortSignal | undefined): Promise<string> {
    const body = await (await this.send("GET", "/models", undefined, signal)).text();
    const name = (parsed(body) as { data?: { id?: unknown }[] } | undefined)?.data?.[0]?.id;
    if (typeof name === "string") return name;
    throw new FormatError("E_NET_ANSWER", `${this.base}/models`, {
      expected: "a list of models",
      actual: body.slice(0, 80) || "nothing",
      hint: "Name the model: --server-model NAME.",
    });
  }

  private async attempt(question: Question): Promise<Said> {
    await this.turn(question.signal);
    const began = performance.now();
    const body = JSON.stringify(requestBody(this.name, question, this.settings.plain === true));
    const answer = await this.send("POST", "/chat/completions", body, question.signal);
    const stream = new Stream(question);
    const parser = createParser({ onEvent: ({ data }) => stream.take(data) });
    const text = new TextDecoder();
    try {
      for await (const piece of answer) parser.feed(text.decode(piece as Uint8Array, { stream: true }));
    } catch (cause) {
      if (cause instanceof QwqError) throw new Attempt(cause, true);
      throw this.failed(cause, question.signal);
    }
    if (stream.error !== undefined) throw new Attempt(this.wrong("a reply", stream.error), true);
    if (!stream.ended) throw new Attempt(this.wrong("a whole reply", "one that was cut"), true);
    return stream.said((performance.now() - began) / 1000);
  }

  /** Waits where the server has asked everybody to. */
  private async turn(signal: AbortSignal | undefined): Promise<void> {
    for (let wait = this.notBefore - Date.now(); wait > 0; wait = this.notBefore - Date.now()) {
      const { setTimeout } = await import("node:timers/promises");
      await setTimeout(wait, undefined, { signal });
    }
  }

  private async send(method: "GET" | "POST", path: string, body: string | undefined, signal: AbortSignal | undefined) {
    const { key } = this.settings;
    const headers = {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    };
    let answer: Dispatcher.ResponseData;
    try {
      const options = { method, headers, dispatcher: this.agent, ...(body && { body }), ...(signal && { signal }) };
      answer = await this.undici.request(this.base + path, options);
    } catch (cause) {
      throw this.failed(cause, signal);
    }
    if (answer.statusCode === 200) return answer.body;
    const said = await answer.body.text().catch(() => "");
    throw this.refused(answer.statusCode, answer.headers["retry-after"], said);
  }

  private failed(cause: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted) return cause;
    const { code, message } = cause as { code?: string; message?: string };
    const error = new IoError("E_NET_UNREACHABLE", this.base, {
      expected: "a server that answers",
      actual: code ?? message ?? String(cause),
      hint: "Is it running? The same command with --resume goes on.",
      cause,
    });
    return new Attempt(error, true);
  }

  private refused(status: number, after: string | string[] | undefined, body: string): Attempt {
    const said = reasonIn(body.slice(0, SAID));
    const actual = said === "" ? `${status}` : `${status}: ${said}`;
    if (status >= 400 && status < 500 && (CONTEXT.test(body) || CONTEXT_SAID.test(said))) {
      const hint = "Give a smaller --max-tokens, or a server with a larger context.";
      return new Attempt(
        new LimitError("E_LIMIT_CONTEXT", this.base, { actual, expected: "a prompt that fits", hint }),
        false,
      );
    }
    const again = AGAIN.includes(status);
    return new Attempt(this.wrong("a reply", actual, HINTS[status]), again, again ? millisecondsOf(after) : undefined);
  }

  private wrong(expected: string, actual: string, hint = "The same command with --resume goes on."): IoError {
    return new IoError("E_NET_ANSWER", this.base, { expected, actual, hint });
  }
}

const HINTS: Readonly<Record<number, string>> = {
  400: "What it refuses may be a field that only some servers know; --plain leaves those out.",
  401: "Give the key in the variable that --key-variable names.",
  403: "Give the key in the variable that --key-variable names.",
  404: "Check the address and --server-model.",
};

const unlimited = (drawing: Question["drawing"]) => ({ ...drawing, maxTokens: undefined });

/** The address up to /v1. */
function baseOf(url: string): string {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address === undefined || !/^https?:$/.test(address.protocol)) {
    throw new UsageError("E_ARG_SERVER", "--server", {
      expected: "an address such as http://127.0.0.1:8080",
      actual: quote(url),
      hint: "Begin it with http:// or https://.",
    });
  }
  const path = address.pathname.replace(/\/(chat\/completions\/?)?$/, "");
  return `${address.origin}${path === "" ? "/v1" : path}`;
}

/** What an error's body says, in a line. */
function reasonIn(body: string): string {
  const json = parsed(body) as { error?: { message?: unknown } | string; message?: unknown } | undefined;
  const told = typeof json?.error === "object" ? json.error?.message : (json?.error ?? json?.message);
  return (typeof told === "string" ? told : body).replace(/\s+/g, " ").trim().replace(/\.$/, "").slice(0, 200);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Retry-After: seconds, or a date. */
function millisecondsOf(header: string | string[] | undefined): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(0, seconds), 3600) * 1000 : undefined;
}
