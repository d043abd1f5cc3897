/**
 * HTTP as a hub needs it: one GET at a time, whose body is read as it comes. Redirects are followed by hand, so that a
 * token goes to the hub itself and to nobody else; a server that falls silent is given up; proxies are those that the
 * environment names (HTTP_PROXY, HTTPS_PROXY, NO_PROXY).
 */
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { IoError, UsageError } from "../errors.ts";
import type { CacheEnvironment } from "../files/hub-cache.ts";
import { Fault, networkFault, wrongAnswer } from "./fault.ts";

type Undici = typeof import("undici");

/** What is sent along to prove who asks, as a header's name and value. */
export type Credential = readonly [name: string, value: string];

export interface WebOptions {
  /** The hub's address. */
  readonly endpoint: URL;
  /** Sent to the endpoint's own scheme, host and port alone. */
  readonly credential: Credential | undefined;
  /** Milliseconds of silence after which a server is given up. */
  readonly stall: number;
  readonly signal: AbortSignal;
  /** Variables that name proxies. */
  readonly env: CacheEnvironment;
}

/** An answer whose body is still to come: it must be read or destroyed. */
export interface Reply {
  readonly status: number;
  /** Where it came from in the end. */
  readonly url: string;
  /** A header of the answer, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  readonly body: Readable;
}

const MOST_REDIRECTS = 10;
const CONNECT_MS = 10_000;
const REDIRECTS = [301, 302, 303, 307, 308];

/** Connections to a hub and to the servers it sends us to. */
export class Web {
  private readonly undici: Undici;
  private readonly agent: Dispatcher;
  private readonly options: WebOptions;
  /** Whether the server that was asked first has ever answered. */
  private contacted = false;

  private constructor(undici: Undici, options: WebOptions) {
    this.undici = undici;
    this.options = options;
    try {
      const connect = { timeout: Math.min(CONNECT_MS, options.stall) };
      this.agent = new undici.EnvHttpProxyAgent({ connect, ...proxiesOf(options.env) });
    } catch (cause) {
      throw new UsageError("E_ARG_PROXY", "HTTPS_PROXY or HTTP_PROXY", {
        expected: "the address of a proxy, http://host:port",
        actual: cause instanceof Error ? cause.message : String(cause),
        cause,
      });
    }
  }

  /** Throws UsageError E_ARG_PROXY for a proxy's address that is none. */
  static async open(options: WebOptions): Promise<Web> {
    return new Web(await import("undici"), options); // it takes 50 ms to load, and most commands need no network
  }

  /** The answer to a GET, redirects followed. Throws Fault; what aborted the signal. */
  async get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    let at = url;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const reply = await this.once(at, headers);
      const location = reply.header("location");
      if (!REDIRECTS.includes(reply.status) || location === undefined) return reply;
      discard(reply);
      at = follow(at, location);
    }
    const actual = `${MOST_REDIRECTS + 1} redirects`;
    const hint = "It may send in a circle; try another endpoint.";
    throw new Fault(new IoError("E_NET_REDIRECT", url, { expected: "an answer", actual, hint }), false);
  }

  /** All of a body of at most `most` bytes. Throws Fault; what aborted the signal. */
  async read(reply: Reply, most: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of this.pieces(reply)) {
      bytes += part.length;
      if (bytes > most) throw wrongAnswer(reply.url, `at most ${most} bytes`, "more", false);
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  /** A body as it comes. Throws Fault; what aborted the signal. */
  async *pieces(reply: Reply): AsyncGenerator<Uint8Array, void> {
    const { body, url } = reply;
    const silence = Object.assign(new Error("silence"), { code: "ETIMEDOUT" });
    const timer = setTimeout(() => body.destroy(silence), this.options.stall);
    try {
      for await (const piece of body) {
        yield piece as Uint8Array; // bytes, since no encoding is set
        timer.refresh(); // not before: what the piece is used for may take its time
      }
    } catch (cause) {
      throw this.failed(url, cause);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async once(url: string, headers: Readonly<Record<string, string>>): Promise<Reply> {
    const { credential, endpoint, signal, stall } = this.options;
    const own = credential !== undefined && new URL(url).origin === endpoint.origin ? credential : undefined;
    try {
      const {
        statusCode,
        headers: found,
        body,
      } = await this.undici.request(url, {
        dispatcher: this.agent,
        headers: {
          ...headers,
          ...(own && { [own[0]]: own[1] }),
          "accept-encoding": "identity",
          "user-agent": "qwq-ts",
        },
        headersTimeout: stall,
        bodyTimeout: 0, // `pieces` sees to it, to the millisecond
        signal,
      });
      this.contacted = true;
      const header = (name: string) => [found[name]].flat()[0];
      return { status: statusCode, url, header, body };
    } catch (cause) {
      throw this.failed(url, cause);
    }
  }

  private failed(url: string, cause: unknown): unknown {
    const { signal } = this.options;
    if (signal.aborted) return signal.reason;
    return cause instanceof Fault ? cause : networkFault(url, cause, this.contacted);
  }
}

/** What the environment names; curl and Python take the small letters first. */
function proxiesOf(env: CacheEnvironment) {
  const either = (name: string) => env[name.toLowerCase()] ?? env[name] ?? "";
  return { httpProxy: either("HTTP_PROXY"), httpsProxy: either("HTTPS_PROXY"), noProxy: either("NO_PROXY") };
}

/** Gives up a body that nobody will read. */
export function discard({ body }: Reply): void {
  body.on("error", () => undefined);
  body.destroy();
}

function follow(from: string, location: string): string {
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (to !== undefined && (to.protocol === "https:" || to.protocol === "http:")) return to.href;
  throw wrongAnswer(from, "to be sent on to an http or https address", location.slice(0, 200), false);
}
