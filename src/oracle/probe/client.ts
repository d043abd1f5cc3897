/**
 * A server, asked politely: one request at a time, with a limit on time and bytes. What goes wrong is a reason in words, so
 * that no answer of a broken server becomes a verdict on its numbers.
 */
import { QwqError } from "../../errors.ts";
import { type Json, readJson } from "../../json/json.ts";

const MOST_BYTES = 2 ** 24;

/** The JSON of a good answer, or why there is none; `status` where there was one at all. */
export type Answer = { readonly json: Json } | { readonly why: string; readonly status?: number };

export class Client {
  readonly base: string;
  private readonly timeout: number;
  private readonly key: string | undefined;

  /** `timeout` in seconds; `key` is sent as a bearer token. */
  constructor(url: string, timeout: number, key?: string) {
    this.base = url.replace(/\/+$/, "").replace(/\/v1$/, "");
    this.timeout = timeout;
    this.key = key;
  }

  async get(path: string): Promise<Answer> {
    return this.ask(path, undefined);
  }

  async post(path: string, body: unknown): Promise<Answer> {
    return this.ask(path, JSON.stringify(body));
  }

  /** A body that is JSON already, to the letter: 1.0 is not 1. */
  async postText(path: string, json: string): Promise<Answer> {
    return this.ask(path, json);
  }

  private async ask(path: string, body: string | undefined): Promise<Answer> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (this.key !== undefined) headers["authorization"] = `Bearer ${this.key}`;
    const init = {
      method: body === undefined ? "GET" : "POST",
      headers,
      redirect: "error" as const,
      signal: AbortSignal.timeout(this.timeout * 1000),
    };
    try {
      const response = await fetch(this.base + path, body === undefined ? init : { ...init, body });
      const text = await limited(response);
      if (!response.ok) return { why: `status ${response.status}`, status: response.status };
      return { json: readJson(text, path) };
    } catch (error) {
      return { why: reason(error, this.timeout) };
    }
  }
}

async function limited(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > MOST_BYTES) throw new Error(`more than ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function reason(error: unknown, timeout: number): string {
  if (error instanceof QwqError) return "an answer that is no JSON";
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${timeout} s`;
  const cause = error.cause;
  return cause instanceof Error ? cause.message : error.message;
}
