/** `qwq serve` for programs: a loaded model, served from this process. */
import type { QwQ } from "../library/qwq.ts";
import { LocalEngine } from "./engine.ts";
import { servedModel } from "./model.ts";
import type { ServeOptions } from "./server.ts";

/** How a model is served. */
export interface ServingOptions extends ServeOptions {
  /** What clients call the model; "qwq" unless told. */
  readonly name?: string | undefined;
}

/** A server that runs. */
export interface Serving {
  /** Its address, without /v1. */
  readonly url: string;
  /** Ends it, the model with it, after so many milliseconds at most. Whether all requests were answered. */
  close(graceMilliseconds?: number): Promise<boolean>;
}

/**
 * Serves a model to OpenAI's clients. It computes in this thread: between two tokens alone other requests are heard, where
 * the command `qwq serve` has a thread for it.
 *
 * throws   whatever `listen` does: the address is taken, or not this machine's
 */
export async function serve(qwq: QwQ, { name = "qwq", ...options }: ServingOptions = {}): Promise<Serving> {
  const { QwqServer } = await import("./server.ts"); // with its HTTP library
  const model = servedModel(name, qwq.checkpoint, new LocalEngine(qwq, options.parallel ?? 1), "library");
  const server = await QwqServer.start(model, options);
  const { host = "127.0.0.1" } = options;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${server.port}`,
    close: (graceMilliseconds) => server.close(graceMilliseconds),
  };
}
