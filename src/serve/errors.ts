/** What a client is told when something is wrong: a status, and OpenAI's error object. */
import { type ErrorDetails, FormatError, LimitError, QwqError, UsageError } from "../errors.ts";

/** A request that is refused, with the status and the field that are told. */
export class RequestError extends QwqError {
  override readonly name = "RequestError";
  readonly status: number;
  /** The field of the body that is wrong: "messages[0].content". */
  readonly param: string | null;

  /** `code` is OpenAI's where it has one for the case, else one of ours. */
  constructor(status: number, code: string, where: string, details: ErrorDetails & { readonly param?: string | null }) {
    super(code, where, details);
    this.status = status;
    this.param = details.param ?? null;
  }
}

/** A field that is not what it must be. */
export function badField(param: string, expected: string, actual: string, hint = "Correct the request."): RequestError {
  return new RequestError(400, "invalid_value", param, { param, expected, actual, hint });
}

/** OpenAI's error object. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: "invalid_request_error" | "server_error";
    readonly param: string | null;
    readonly code: string | null;
  };
}

/** Faults of a model's files, which no request can mend. */
const OURS = /^E_(INTERNAL|NUM_|IO_|TOK_|IDX_|ST_|GGUF_|CFG_)/;
/** Errors of the library for which OpenAI has a code of its own. */
const CODES: Readonly<Record<string, string>> = { E_ARG_CONTEXT: "context_length_exceeded" };

/** The status of whatever was thrown, and what is said of it. Of an error nobody foresaw nothing is told but that. */
export function errorReply(error: unknown): { readonly status: number; readonly body: ErrorBody } {
  if (error instanceof RequestError) return reply(error.status, error.message, error.code, error.param);
  if (error instanceof QwqError) {
    const known = error instanceof UsageError || error instanceof FormatError || error instanceof LimitError;
    const status = known && !OURS.test(error.code) ? 400 : 500;
    return reply(status, error.message, CODES[error.code] ?? error.code, null);
  }
  const status = httpStatus(error);
  if (status !== undefined && error instanceof Error) return reply(status, error.message, codeOf(error), null);
  return reply(500, "The server has failed; its log says why.", "E_INTERNAL", null);
}

function reply(status: number, message: string, code: string, param: string | null) {
  const type = status < 500 ? ("invalid_request_error" as const) : ("server_error" as const);
  return { status, body: { error: { message, type, param, code } } };
}

/** The status that the HTTP library gave an error of its own, where the client is at fault. */
function httpStatus(error: unknown): number | undefined {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "bad_request";
}
