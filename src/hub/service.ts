/** Which hub is asked, where, and with which token: what the caller says, else the environment, else Hugging Face. */
import { join } from "node:path";
import { UsageError } from "../errors.ts";
import { type CacheEnvironment, hubHome } from "../files/hub-cache.ts";
import { readWhole } from "../files/input.ts";
import { quote } from "../json/quote.ts";
import type { Asking, Hub } from "./hub.ts";
import { huggingFace } from "./huggingface.ts";
import { modelScope } from "./modelscope.ts";
import type { Credential } from "./web.ts";

/** The protocols that hubs speak. */
export type Protocol = "huggingface" | "modelscope";

export interface Service {
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly protocol: Protocol;
  readonly credential: Credential | undefined;
  /** Where the token comes from, for advice. */
  readonly tokenFrom: string;
}

/** What a caller may say of it. */
export interface ServiceOptions {
  readonly endpoint?: string | undefined;
  /** Told by the endpoint's host unless told. */
  readonly protocol?: Protocol | undefined;
  readonly token?: string | undefined;
}

const HUGGING_FACE = "https://huggingface.co";
const MODELSCOPE_HOST = /(^|\.)modelscope\.(cn|ai)$/;
const MOST_TOKEN = 4096;

/** Hubs by the protocol that they speak. */
export const HUBS: Readonly<Record<Protocol, (asking: Asking) => Hub>> = {
  huggingface: huggingFace,
  modelscope: modelScope,
};

/**
 * The service. Each has its own token: HF_TOKEN, or what `hf auth login` has saved; MODELSCOPE_API_TOKEN.
 *
 * throws   UsageError E_ARG_ENDPOINT, E_ARG_TOKEN
 */
export function serviceOf(options: ServiceOptions, env: CacheEnvironment): Service {
  const endpoint = (options.endpoint ?? (env["HF_ENDPOINT"] || HUGGING_FACE)).replace(/\/+$/, "");
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !["https:", "http:"].includes(url.protocol) || url.search !== "" || url.username !== "") {
    throw new UsageError("E_ARG_ENDPOINT", options.endpoint === undefined ? "HF_ENDPOINT" : "--endpoint", {
      expected: "an address like https://huggingface.co",
      actual: quote(endpoint),
      hint: "Begin it with https:// or http://.",
    });
  }
  const protocol = options.protocol ?? (MODELSCOPE_HOST.test(url.hostname) ? "modelscope" : "huggingface");
  if (protocol === "modelscope") {
    const token = checkToken(options.token ?? env["MODELSCOPE_API_TOKEN"]);
    const credential = token === undefined ? undefined : (["cookie", `m_session_id=${token}`] as const);
    return { endpoint, protocol, credential, tokenFrom: "MODELSCOPE_API_TOKEN" };
  }
  const token = checkToken(options.token ?? env["HF_TOKEN"] ?? savedToken(env));
  const credential = token === undefined ? undefined : (["authorization", `Bearer ${token}`] as const);
  return { endpoint, protocol, credential, tokenFrom: "HF_TOKEN" };
}

/** What `hf auth login` leaves. */
function savedToken(env: CacheEnvironment): string | undefined {
  try {
    const bytes = readWhole(env["HF_TOKEN_PATH"] ?? join(hubHome(env), "token"), MOST_TOKEN, "E_LIMIT_CONFIG");
    return Buffer.from(bytes).toString();
  } catch {
    return undefined; // most have none
  }
}

/** The token without the newline of a file; none if it is empty. It stands in a header, and never in an error. */
function checkToken(text: string | undefined): string | undefined {
  const token = text?.trim();
  if (token === undefined || token === "") return undefined;
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  const details = { expected: "a token of letters, digits and marks", actual: "other characters" };
  throw new UsageError("E_ARG_TOKEN", "token", details);
}
