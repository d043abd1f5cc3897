/** The server's HTTP, on 127.0.0.1 alone: POST /run and GET /health (protocol.ts). */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { availableParallelism } from "node:os";
import { FormatError, LimitError, QwqError, UsageError } from "../../errors.ts";
import { Gate } from "./gate.ts";
import { Pool } from "./pool.ts";
import { type Protection, Sandbox } from "./protections.ts";
import { DEFAULT_LIMITS, type Health, readRequest, type Verdict } from "./protocol.ts";
import { run } from "./run.ts";

export interface ServerOptions {
  /** A free one unless told. */
  readonly port?: number | undefined;
  /** Without one of these it refuses to start. None unless told. */
  readonly required?: readonly Protection[] | undefined;
  /** Requests that run at a time: the number of cores unless told. */
  readonly concurrency?: number | undefined;
  /** Requests that may wait: 1000 unless told. */
  readonly places?: number | undefined;
  readonly bodyBytes?: number | undefined;
}

const BODY_BYTES = 32 * 2 ** 20;

export class CodeServer {
  readonly port: number;
  private readonly http: Server;
  private readonly sandbox: Sandbox;
  private readonly pool: Pool;
  private readonly gate: Gate;
  private readonly bodyBytes: number;
  private judged = 0;

  private constructor(http: Server, sandbox: Sandbox, pool: Pool, gate: Gate, bodyBytes: number) {
    this.http = http;
    this.port = (http.address() as AddressInfo).port;
    this.sandbox = sandbox;
    this.pool = pool;
    this.gate = gate;
    this.bodyBytes = bodyBytes;
    http.on("request", (request: IncomingMessage, response: ServerResponse) => void this.answer(request, response));
  }

  /** Starts one. Throws QwqError E_RUN_PROTECTION. */
  static async start(options: ServerOptions = {}): Promise<CodeServer> {
    const sandbox = await Sandbox.open(options.required ?? []);
    const concurrency = options.concurrency ?? availableParallelism();
    const pool = new Pool(sandbox, concurrency + 1);
    const http = createServer();
    await new Promise<void>((resolve, reject) => {
      http.once("error", reject);
      http.listen(options.port ?? 0, "127.0.0.1", resolve);
    });
    pool.fill("javascript");
    const gate = new Gate(concurrency, options.places ?? 1000);
    return new CodeServer(http, sandbox, pool, gate, options.bodyBytes ?? BODY_BYTES);
  }

  /** Ends it, with everything that it runs. */
  async close(): Promise<void> {
    this.http.close();
    await this.pool.close();
    this.http.closeAllConnections();
    this.sandbox.close();
  }

  health(): Health {
    const { active, missing, languages } = this.sandbox;
    const { running, waiting } = this.gate;
    return {
      status: "ok",
      protections: active,
      missing,
      languages,
      limits: DEFAULT_LIMITS,
      running,
      waiting,
      judged: this.judged,
    };
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      // A page in a browser of this machine can send requests here too; it says where it comes from.
      if (request.headers.origin !== undefined) return reply(response, 403, { error: "not for pages of a browser" });
      const at = `${request.method} ${request.url}`;
      if (at === "GET /health") return reply(response, 200, this.health());
      if (at !== "POST /run") return reply(response, 404, { error: "POST /run or GET /health" });
      reply(response, 200, await this.judge(request, response));
    } catch (error) {
      reply(response, ...refusal(error));
    }
  }

  private async judge(request: IncomingMessage, response: ServerResponse): Promise<Verdict> {
    const asked = readRequest(parse(await body(request, this.bodyBytes)));
    if (!this.sandbox.languages.includes(asked.language)) {
      throw new UsageError("E_RUN_LANGUAGE", "language", {
        expected: this.sandbox.languages.join(" or "),
        actual: `${asked.language}, which is not installed or would not be shut in here`,
      });
    }
    const left = new AbortController();
    response.on("close", () => left.abort());
    const verdict = await this.gate.through(async () => {
      if (left.signal.aborted) throw new UsageError("E_RUN_LEFT", "request", { actual: "nobody who waits for it" });
      return run(this.pool, asked, left.signal);
    });
    this.judged++;
    return verdict;
  }
}

async function body(request: IncomingMessage, most: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > most) {
      throw new LimitError("E_RUN_BODY", "request", { expected: `at most ${most} bytes`, actual: "more" });
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FormatError("E_RUN_REQUEST", "request", { expected: "JSON", actual: (cause as Error).message, cause });
  }
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const close = status === 413 ? { connection: "close" } : {};
  response.writeHead(status, { "content-type": "application/json", ...close });
  response.end(JSON.stringify(value));
}

const STATUS: Readonly<Record<string, number>> = {
  E_RUN_REQUEST: 400,
  E_RUN_LIMIT: 400,
  E_RUN_BODY: 413,
  E_RUN_LANGUAGE: 501,
  E_RUN_BUSY: 503,
  E_RUN_LEFT: 499,
};

function refusal(error: unknown): [status: number, value: { error: string; code?: string }] {
  if (error instanceof QwqError) return [STATUS[error.code] ?? 500, { error: error.message, code: error.code }];
  return [500, { error: error instanceof Error ? error.message : String(error) }];
}
