/** A server of the embedded model in this process, and what asks it. */
import OpenAI from "openai";
import { QwQ } from "../../src/library/qwq.ts";
import { LocalEngine } from "../../src/serve/engine.ts";
import { servedModel } from "../../src/serve/model.ts";
import { QwqServer, type ServeOptions } from "../../src/serve/server.ts";

export interface Served {
  readonly server: QwqServer;
  readonly client: OpenAI;
  readonly url: string;
  /** What nobody foresaw. */
  readonly errors: unknown[];
  /** Sends a body as it is. */
  post(path: string, body: string | object, headers?: Record<string, string>): Promise<Response>;
}

export async function serveEmbedded(options: ServeOptions = {}): Promise<Served> {
  const qwq = await QwQ.load();
  const errors: unknown[] = [];
  const model = servedModel("embedded", qwq.checkpoint, new LocalEngine(qwq, options.parallel ?? 1), "test");
  const server = await QwqServer.start(model, { onError: (error) => errors.push(error), ...options });
  const url = `http://127.0.0.1:${server.port}`;
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: options.keys?.[0] ?? "none", maxRetries: 0 });
  const post = (path: string, body: string | object, headers: Record<string, string> = {}) =>
    fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { server, client, url, errors, post };
}

/** A sum that the embedded model knows. */
export const SUM = [{ role: "user" as const, content: "What is 347 + 586?" }];
