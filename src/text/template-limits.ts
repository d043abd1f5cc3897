/** What a template that nobody has checked may use up, and what comes of it. */
import { FormatError, LimitError } from "../errors.ts";
import type { RenderResult } from "./template-result.ts";

/** What a template may use up. */
export interface Limits {
  /** Time to render, counted from when the child is ready: 1,000 ms. */
  readonly milliseconds?: number | undefined;
  /** JavaScript memory of the child in MiB: 128. */
  readonly mebibytes?: number | undefined;
}

/** The prompt. Throws the error that the rendering ended with. */
export function outcome(result: RenderResult): string {
  if ("text" in result) return result.text;
  const { code, where, ...details } = result.error;
  throw result.limit ? new LimitError(code, where, details) : new FormatError(code, where, details);
}
