/** Things that go wrong on the way to a hub: an error to show, and whether another attempt may do better. */
import { IoError, type QwqError } from "../errors.ts";
import { errorCode } from "../files/input.ts";

/** What `persist` looks at; it never leaves this room. */
export class Fault extends Error {
  override readonly name = "Fault";
  /** What is thrown in the end. */
  readonly error: QwqError;
  /** Whether another attempt may do better. */
  readonly again: boolean;
  /** Milliseconds that the server asks to wait, if it does. */
  readonly after: number | undefined;
  constructor(error: QwqError, again: boolean, after?: number) {
    super(error.message);
    this.error = error;
    this.again = again;
    this.after = after;
  }
}

/** The system's and undici's names of errors, where no connection came about at all. */
const UNREACHABLE: ReadonlyMap<string, string> = new Map([
  ["ENOTFOUND", "Check the network and the address."],
  ["EAI_AGAIN", "Check the network and the address."],
  ["ECONNREFUSED", "Nothing listens there; check the address."],
  ["ENETUNREACH", "Check the network."],
  ["EHOSTUNREACH", "Check the network."],
  ["EADDRNOTAVAIL", "Check the address."],
  ["UND_ERR_CONNECT_TIMEOUT", "Check the network; behind a proxy, set HTTPS_PROXY."],
]);
const TIMEOUTS = ["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "ETIMEDOUT"];
/** What TLS finds wrong with a server. */
const UNTRUSTED = /CERT|^ERR_TLS|^ERR_SSL|UNABLE_TO|SELF_SIGNED|^EPROTO/;
const AGAIN = "Run the same command again; it goes on where it stopped.";

/**
 * A failed request, by the system's code. One that never reached the server is not tried again unless the server has
 * answered before (`contacted`): without a network that would be minutes of waiting.
 */
export function networkFault(url: string, cause: unknown, contacted: boolean): Fault {
  const code = codeOf(cause) ?? (cause instanceof Error ? cause.message : String(cause));
  const where = new URL(url).host;
  const fault = (kind: string, expected: string, hint: string, again: boolean) =>
    new Fault(new IoError(kind, where, { expected, actual: code, hint, cause }), again);
  const advice = UNREACHABLE.get(code);
  if (advice !== undefined) return fault("E_NET_UNREACHABLE", "a server that can be reached", advice, contacted);
  if (UNTRUSTED.test(code)) {
    const hint = "Behind a proxy that reads TLS, give its certificate as NODE_EXTRA_CA_CERTS.";
    return fault("E_NET_UNREACHABLE", "a server with a certificate that is trusted", hint, false);
  }
  if (TIMEOUTS.includes(code)) return fault("E_NET_TIMEOUT", "an answer that goes on", AGAIN, true);
  return fault("E_NET_CUT", "a connection that holds", AGAIN, true);
}

/** The innermost code: undici and Node wrap several attempts (IPv6, IPv4) into one error. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const own = errorCode(error);
  const inner = error instanceof Error && error.cause !== undefined ? codeOf(error.cause) : undefined;
  return own === undefined || own === "UND_ERR_SOCKET" ? (inner ?? own) : own;
}

/** A server's answer that is not what was asked for. */
export function wrongAnswer(url: string, expected: string, actual: string, again: boolean, hint = AGAIN): Fault {
  return new Fault(new IoError("E_NET_ANSWER", new URL(url).host, { expected, actual, hint }), again);
}
