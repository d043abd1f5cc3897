/** The server: OpenAI's interface over HTTP. */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { QwqError } from "../errors.ts";
import { type Json, readJson } from "../json/json.ts";
import { Access } from "./access.ts";
import { chatChunks, chatResponse, prepareChat } from "./chat.ts";
import { readChat } from "./chat-request.ts";
import { completionChunks, completionResponse, prepareCompletion, readCompletion } from "./completions.ts";
import { errorReply, RequestError } from "./errors.ts";
import { Metrics } from "./metrics.ts";
import { checkModel, type ServedModel } from "./model.ts";
import { PAGE, PAGE_POLICY } from "./page.ts";
import { FairQueue } from "./queue.ts";
import type { Chunk, Turns } from "./response.ts";
import { eventStream } from "./stream.ts";
import { applyTemplate, detokenizeIds, tokenizeText } from "./text-routes.ts";
import { Watched } from "./watched.ts";

/** Where a server listens, to whom, and how much it takes on. */
export interface ServeOptions {
  /** 127.0.0.1 unless told. */
  readonly host?: string | undefined;
  /** A free one unless told. */
  readonly port?: number | undefined;
  /** Keys of which each request must bear one; none unless told. */
  readonly keys?: readonly string[] | undefined;
  /** Sequences that are made at the same time; 1 unless told. */
  readonly parallel?: number | undefined;
  /** Sequences that may wait; 1000 unless told. */
  readonly places?: number | undefined;
  /** The longest body; 4 MiB unless told. */
  readonly bodyBytes?: number | undefined;
  /** Told of what nobody foresaw. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const BODY_BYTES = 4 * 2 ** 20;
const PLACES = 1000;
/** A body must have come within this time, or whoever sends it holds a connection for nothing. */
const BODY_MILLISECONDS = 60_000;
const IDLE_MILLISECONDS = 50;
const DRAIN_MILLISECONDS = 2000;
const MOST_VALUES = 1e6;
const DEEPEST = 100;

/** Routes that need no key. */
const OPEN: readonly string[] = ["/health", "/"];

export class QwqServer {
  private readonly app: FastifyInstance;
  private readonly model: ServedModel;
  private readonly access: Access;
  private readonly queue: FairQueue;
  private readonly metrics: Metrics;
  private readonly onError: (error: unknown) => void;
  /** What ends the requests that are being answered. */
  private readonly open = new Set<AbortController>();
  private closing = false;
  /** Requests that have come and were not answered to their end. */
  private inFlight = 0;
  /** Whether some were cut off. */
  private cut = false;

  private constructor(model: ServedModel, options: ServeOptions) {
    const { keys = [], host = "127.0.0.1", parallel = 1, places = PLACES } = options;
    this.model = model;
    this.access = new Access(keys, host === "127.0.0.1" || host === "localhost" || host === "::1");
    this.queue = new FairQueue(parallel, places);
    this.metrics = new Metrics(this.queue);
    this.onError = options.onError ?? (() => {});
    this.app = fastify({ bodyLimit: options.bodyBytes ?? BODY_BYTES, requestTimeout: BODY_MILLISECONDS });
    this.hooks();
    this.look();
    this.ask();
  }

  /** Starts one. Throws whatever `listen` does: the address is taken, or not this machine's. */
  static async start(model: ServedModel, options: ServeOptions = {}): Promise<QwqServer> {
    const server = new QwqServer(model, options);
    await server.app.listen({ host: options.host ?? "127.0.0.1", port: options.port ?? 0 });
    return server;
  }

  get port(): number {
    return (this.app.server.address() as AddressInfo).port;
  }

  /** Takes no more requests, gives those that are here `graceMilliseconds`, and ends. Whether all of them were answered. */
  async close(graceMilliseconds = 0): Promise<boolean> {
    this.closing = true;
    const closed = this.app.close();
    const timer = setTimeout(() => this.abortAll(), graceMilliseconds);
    // A connection would be kept for its next request, or its first.
    const idle = setInterval(() => {
      if (this.inFlight === 0) this.app.server.closeAllConnections();
    }, IDLE_MILLISECONDS);
    await closed;
    clearTimeout(timer);
    clearInterval(idle);
    await this.model.engine.close();
    return !this.cut;
  }

  private abortAll(): void {
    this.cut = this.open.size > 0;
    for (const controller of this.open) controller.abort(goingDown());
  }

  private hooks(): void {
    const { app } = this;
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
      try {
        done(null, parse(body as Buffer));
      } catch (error) {
        done(error as Error);
      }
    });
    app.addHook("onRequest", async (request, reply) => {
      this.inFlight++;
      reply.raw.once("close", () => this.inFlight--);
      this.access.checkHost({ host: request.headers.host });
      if (!OPEN.includes(request.routeOptions.url ?? "")) this.clientOf(request);
      if (this.closing) throw goingDown();
    });
    app.addHook("onResponse", async ({ routeOptions }, reply) => {
      this.metrics.request(routeOptions.url ?? "unknown", reply.statusCode, reply.elapsedTime / 1000);
    });
    app.setErrorHandler(async (error, request, reply) => {
      const { status, body } = errorReply(error);
      this.tell(error);
      if (status === 413) await drained(request.raw);
      if (status === 503) reply.header("retry-after", "1");
      return reply.code(status).send(body);
    });
    app.setNotFoundHandler(() => {
      throw new RequestError(404, "unknown_url", "URL", { expected: "a route of this server", actual: "another" });
    });
  }

  /** Routes that tell of the server. */
  private look(): void {
    const { app, model } = this;
    const about = { id: model.id, object: "model", created: model.created, owned_by: "qwq-ts" };
    app.get("/health", async () => ({
      status: "ok",
      model: model.id,
      running: this.queue.running,
      waiting: this.queue.waiting,
    }));
    app.get("/", async (_request, reply) =>
      reply.type("text/html; charset=utf-8").header("content-security-policy", PAGE_POLICY).send(PAGE),
    );
    app.get("/v1/models", async () => ({ object: "list", data: [about] }));
    app.get<{ Params: { "*": string } }>("/v1/models/*", async ({ params }) => {
      checkModel(model, params["*"]);
      return about;
    });
    app.get("/metrics", async (_request, reply) =>
      reply.type(this.metrics.contentType).send(await this.metrics.text()),
    );
  }

  /** Routes that ask the model. */
  private ask(): void {
    const { app, model } = this;
    app.post("/v1/chat/completions", async (request, reply) => {
      const asked = readChat(request.body as Json, model.checkpoint.config.vocabulary);
      checkModel(model, asked.model);
      const work = await prepareChat(model, asked);
      const turns = this.turnsOf(request, reply);
      return asked.stream ? this.stream(reply, chatChunks(work, turns)) : chatResponse(work, turns);
    });
    app.post("/v1/completions", async (request, reply) => {
      const asked = readCompletion(request.body as Json, model.checkpoint.config.vocabulary);
      checkModel(model, asked.model);
      const work = prepareCompletion(model, asked);
      const turns = this.turnsOf(request, reply);
      return asked.stream ? this.stream(reply, completionChunks(work, turns)) : completionResponse(work, turns);
    });
    app.post("/tokenize", async ({ body }) => tokenizeText(model, body as Json));
    app.post("/detokenize", async ({ body }) => detokenizeIds(model, body as Json));
    app.post("/apply-template", async ({ body }) => applyTemplate(model, body as Json));
  }

  private clientOf({ headers, ip }: FastifyRequest): string {
    return this.access.clientOf({ authorization: headers.authorization, host: headers.host, address: ip });
  }

  /** A request's place in the line, which it leaves when the client does. */
  private turnsOf(request: FastifyRequest, reply: FastifyReply): Turns {
    const client = this.clientOf(request);
    const controller = new AbortController();
    if (reply.raw.destroyed) controller.abort(left());
    this.open.add(controller);
    reply.raw.on("close", () => {
      this.open.delete(controller);
      if (!reply.raw.writableFinished) controller.abort(left());
    });
    return new Watched(this.queue, this.metrics, client, controller.signal);
  }

  private stream(reply: FastifyReply, chunks: AsyncGenerator<Chunk, void>): FastifyReply {
    if (this.queue.full) this.queue.refuse();
    return reply
      .type("text/event-stream; charset=utf-8")
      .header("cache-control", "no-store")
      .header("x-accel-buffering", "no")
      .send(eventStream(chunks, (error) => this.tell(error)));
  }

  /** What is nobody's fault but ours goes to the log. */
  private tell(error: unknown): void {
    if (errorReply(error).status === 500) this.onError(error);
  }
}

/** Waits for the rest of a body, for a while: a client that is still sending would not read why nobody listens. */
function drained(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, DRAIN_MILLISECONDS);
    request.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    request.once("end", resolve);
    request.resume();
  });
}

function parse(body: Buffer): Json {
  try {
    return readJson(body, "body", { depth: DEEPEST, values: MOST_VALUES });
  } catch (error) {
    if (!(error instanceof QwqError)) throw error;
    const { expected, actual, offset } = error;
    throw new RequestError(400, error.code, "body", { expected, actual, offset, hint: "Send one JSON object." });
  }
}

function left(): RequestError {
  return new RequestError(499, "client_left", "request", { expected: "a client that waits", actual: "none" });
}

function goingDown(): RequestError {
  return new RequestError(503, "shutting_down", "server", {
    expected: "a server that goes on",
    actual: "one that is being stopped",
    hint: "Ask again when it is back.",
  });
}
