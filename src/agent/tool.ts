/** A tool: a function that a model may call, with a JSON schema of what it takes. */
import type { Content } from "../text/messages.ts";

/** A JSON schema, of an object. */
export type Schema = Readonly<Record<string, unknown>>;

/** What a model gives a tool: an object that its schema allows. */
export type Arguments = Readonly<Record<string, unknown>>;

/** A function that a model may call. */
export interface Tool {
  /** Letters, digits, _ and -, at most 64. */
  readonly name: string;
  /** What it does, in words that the model reads. */
  readonly description: string;
  /** What it takes. */
  readonly parameters: Schema;
  /** Does it. What it returns, or the message of what it throws, is told to the model. */
  run(given: Arguments, signal: AbortSignal): Promise<string> | string;
  /** Ends what it has started. */
  close?(): Promise<void>;
}

/** What a model did wrong, or could not know: told to it, so that it may try otherwise. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/** The tool as chat templates and OpenAI's API take it. */
export function definition({ name, description, parameters }: Tool): Content {
  return { type: "function", function: { name, description, parameters: parameters as Content } };
}
