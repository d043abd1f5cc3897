/**
 * One family of errors. Each says where, what was expected, what came, and what to do:
 *
 *   <where>: expected <what>, got <what> (<which>). <what to do>.
 */

/** What an error knows beside its sentence. Everything here is also in the message, for people. */
export interface ErrorDetails {
  /** The file or folder the error is about. */
  readonly path?: string | undefined;
  /** The tensor's own name in that file. */
  readonly tensor?: string | undefined;
  /** Byte (or character) offset in that file. */
  readonly offset?: number | undefined;
  readonly expected?: string | undefined;
  readonly actual?: string | undefined;
  /** The next step, as an imperative sentence. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** The base of every error this package throws on purpose. `code` is stable and may be tested for. */
export class QwqError extends Error {
  override readonly name: string = "QwqError";
  readonly code: string;
  /** Where it happened: the first words of the sentence. */
  readonly where: string;
  readonly path: string | undefined;
  readonly tensor: string | undefined;
  readonly offset: number | undefined;
  readonly expected: string | undefined;
  readonly actual: string | undefined;
  readonly hint: string | undefined;

  constructor(code: string, where: string, details: ErrorDetails = {}) {
    super(sentence(where, details), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.where = where;
    this.path = details.path;
    this.tensor = details.tensor;
    this.offset = details.offset;
    this.expected = details.expected;
    this.actual = details.actual;
    this.hint = details.hint;
  }
}

/** Sizes that do not fit each other: a bug of the caller, or of the file's tensor shapes. */
export class ShapeError extends QwqError {
  override readonly name = "ShapeError";
}

/** Data that is not what its format or the model says it must be. */
export class FormatError extends QwqError {
  override readonly name = "FormatError";
}

/** A bound on memory, count, length or value that would be passed. */
export class LimitError extends QwqError {
  override readonly name = "LimitError";
}

/** The operating system said no: missing file, failed read, failed write. */
export class IoError extends QwqError {
  override readonly name = "IoError";
}

/** A wrong argument: an option, an id, a sampling setting. */
export class UsageError extends QwqError {
  override readonly name = "UsageError";
}

/** `where: expected X, got Y (which). What to do.`, with the parts that are known. */
function sentence(where: string, d: ErrorDetails): string {
  const both = [
    d.expected === undefined ? undefined : `expected ${d.expected}`,
    d.actual === undefined ? undefined : `got ${d.actual}`,
  ].filter((part) => part !== undefined);
  const which = [d.tensor, d.offset === undefined ? undefined : `at byte ${d.offset}`].filter(
    (part) => part !== undefined,
  );
  const file = d.path === undefined || where.includes(d.path) ? where : `${d.path}: ${where}`;
  const text = `${file}${both.length > 0 ? `: ${both.join(", ")}` : ""}${which.length > 0 ? ` (${which.join(", ")})` : ""}`;
  return d.hint === undefined ? `${text}.` : `${text}. ${d.hint}`;
}

/** The same error, about the file or folder at `path`; itself where it names one already, or is none of ours. */
export function inFile(error: unknown, path: string): unknown {
  if (!(error instanceof QwqError) || error.path !== undefined || error.where.startsWith(path)) return error;
  const { code, where, tensor, offset, expected, actual, hint, cause } = error;
  const Kind = error.constructor as typeof QwqError; // every class of the family is made alike
  return new Kind(code, where, { path, tensor, offset, expected, actual, hint, cause });
}

/** An error's parts: what is cloned between threads keeps neither class nor code. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
  readonly where: string;
  readonly details: ErrorDetails;
}

/** An error, ready to be sent. */
export function sent(error: unknown): SentError {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const ours = error instanceof QwqError ? error : undefined;
  const { path, tensor, offset, expected, actual, hint } = ours ?? {};
  const details = { path, tensor, offset, expected, actual, hint };
  return { name, message, stack, code: ours?.code, where: ours?.where ?? "", details };
}

/** Those that are known again on the other side. */
const CLASSES: Readonly<Record<string, new (code: string, where: string, details: ErrorDetails) => Error>> = {
  QwqError: QwqError,
  ShapeError: ShapeError,
  FormatError: FormatError,
  LimitError: LimitError,
  IoError: IoError,
  UsageError: UsageError,
};

/** The error that was sent, of its class. */
export function received({ name, message, stack, code, where, details }: SentError): Error {
  const Class = CLASSES[name];
  if (Class !== undefined && code !== undefined) return new Class(code, where, details);
  const cause = new Error(message);
  if (stack !== undefined) cause.stack = stack;
  return new QwqError("E_INTERNAL", "worker", { expected: "no failure", actual: `${name}: ${message}`, cause });
}
