/** The tools of an agent: every call is checked before anything is done, and whatever comes of it is a text for the model. */
import type { Ajv as Checker, ErrorObject, ValidateFunction } from "ajv";
import { UsageError } from "../errors.ts";
import { plainJson } from "../ask/request.ts";
import type { Content } from "../text/messages.ts";
import type { ToolCall } from "../text/reply.ts";
import { guarded } from "./guarded.ts";
import { type Arguments, definition, type Tool } from "./tool.ts";

/**
 * What came of a call. `malformed`: no JSON, or no {"name", "arguments"}. `unknown`: no such tool. `invalid`: arguments that
 * its schema does not allow, or that it does not have. `failed`: the tool said no. `timeout`, `refused` (by whoever is
 * asked before tools run), `surplus` (too many calls at once) speak for themselves.
 */
export type Outcome = "done" | "malformed" | "unknown" | "invalid" | "failed" | "timeout" | "refused" | "surplus";

/** A call, and what came of it. */
export interface Result {
  readonly name: string;
  readonly arguments: Arguments;
  readonly outcome: Outcome;
  /** What the model is told. */
  readonly content: string;
  readonly seconds: number;
}

/** Limits on calls. */
export interface ToolboxLimits {
  /** Of one call; 30 unless told. */
  readonly seconds?: number | undefined;
  /** Characters of a result that the model is told; 8,000 unless told. */
  readonly characters?: number | undefined;
  /** Calls of one reply that are carried out; 16 unless told. */
  readonly calls?: number | undefined;
}

interface Known {
  readonly tool: Tool;
  readonly check: ValidateFunction;
}

/** Names that OpenAI's API takes. */
const NAME = /^[\w-]{1,64}$/;
const ISSUES = 5;

/** The tools of an agent: it checks what a model calls them with, runs them within limits, and never throws for what they do. */
export class Toolbox {
  /** Asked before a call is carried out; all are unless it is told. */
  approve: ((tool: Tool, given: Arguments) => Promise<boolean> | boolean) | undefined;
  private readonly known = new Map<string, Known>();
  private readonly limits: ToolboxLimits;

  private constructor(tools: readonly Tool[], limits: ToolboxLimits, checker: Checker) {
    this.limits = limits;
    for (const tool of tools) {
      if (!NAME.test(tool.name)) throw wrong(`a name of letters, digits, _ and -`, tool.name);
      if (this.known.has(tool.name)) throw wrong("each name once", tool.name);
      this.known.set(tool.name, { tool, check: compiled(checker, tool) });
    }
  }

  /** Throws UsageError E_AGENT_TOOL for a name or a schema that is none. */
  static async of(tools: readonly Tool[], limits: ToolboxLimits = {}): Promise<Toolbox> {
    const { Ajv } = await import("ajv"); // takes 50 ms to read, which other commands need not wait for
    return new Toolbox(tools, limits, new Ajv({ strict: false, allErrors: true, validateFormats: false }));
  }

  /** What the model is shown. */
  get definitions(): readonly Content[] {
    return [...this.known.values()].map(({ tool }) => definition(tool));
  }

  /** Carries out the calls of one reply, together; results in their order. */
  callAll(calls: readonly ToolCall[], signal: AbortSignal): Promise<Result[]> {
    const most = this.limits.calls ?? 16;
    return Promise.all(
      calls.map((call, i) =>
        i < most ? this.call(call, signal) : result(call, "surplus", `No more than ${most} calls at a time.`),
      ),
    );
  }

  /** Carries out a call. Throws where the signal comes; never for what the model or the tool did. */
  async call(call: ToolCall, signal: AbortSignal): Promise<Result> {
    if (call.error !== undefined) return result(call, "malformed", unreadable(call));
    const known = this.known.get(call.name);
    if (known === undefined)
      return result(call, "unknown", `There is no tool ${JSON.stringify(call.name.slice(0, 64))}. ${this.names()}`);
    const given = plainJson(call.arguments) as Arguments;
    if (!known.check(given)) return result(call, "invalid", `${call.name}: ${issues(known.check.errors ?? [])}`, given);
    if ((await this.approve?.(known.tool, given)) === false)
      return result(call, "refused", "The user does not allow this call.", given);
    return this.run(known.tool, call, given, signal);
  }

  /** Ends what the tools have started. */
  async close(): Promise<void> {
    for (const { tool } of this.known.values()) await tool.close?.();
  }

  private async run(tool: Tool, call: ToolCall, given: Arguments, signal: AbortSignal): Promise<Result> {
    const seconds = this.limits.seconds ?? 30;
    const limit = AbortSignal.timeout(seconds * 1000);
    const both = AbortSignal.any([signal, limit]);
    const began = performance.now();
    const took = () => (performance.now() - began) / 1000;
    try {
      const content = await Promise.race([Promise.resolve(tool.run(given, both)), aborted(both)]);
      return result(call, "done", this.cut(content), given, took());
    } catch (error) {
      signal.throwIfAborted();
      if (limit.aborted)
        return result(call, "timeout", `${tool.name} did not end within ${seconds} seconds.`, given, took());
      const message = error instanceof Error ? error.message : String(error);
      return result(call, "failed", this.cut(message), given, took());
    }
  }

  private cut(content: string): string {
    const most = this.limits.characters ?? 8000;
    return content.length <= most
      ? content
      : `${content.slice(0, most)}\n[${content.length - most} more characters are left out]`;
  }

  private names(): string {
    return `There are: ${[...this.known.keys()].join(", ") || "none"}.`;
  }
}

/** What the model is told of a call that is none: why, and how to write one. */
export function unreadable({ error = "" }: ToolCall): string {
  const hint = 'Write {"name": ..., "arguments": {...}} as JSON.';
  return `This call cannot be read: ${error.replace(/ The file is damaged.*/, "")} ${hint}`;
}

/** A result; what the model is told of it can neither end its own place in the prompt nor look like a turn. */
function result(call: ToolCall, outcome: Outcome, content: string, given: Arguments = {}, seconds = 0): Result {
  const text = outcome === "done" ? content : `Error: ${content}`;
  return { name: call.name, arguments: given, outcome, content: guarded(text), seconds };
}

function compiled(checker: Checker, { name, parameters }: Tool): ValidateFunction {
  // A schema that does not say whether there may be further arguments means that there are none: they were invented.
  const closed = "additionalProperties" in parameters ? parameters : { ...parameters, additionalProperties: false };
  try {
    return checker.compile(closed);
  } catch (cause) {
    throw wrong("a JSON schema", `${name}'s parameters: ${(cause as Error).message}`);
  }
}

function issues(errors: readonly ErrorObject[]): string {
  const said = errors.map(({ instancePath, message, params, keyword }) => {
    const place = instancePath === "" ? "" : `${instancePath.slice(1).replaceAll("/", ".")} `;
    const which =
      keyword === "additionalProperties"
        ? `: ${JSON.stringify((params as { additionalProperty: string }).additionalProperty)}`
        : keyword === "enum"
          ? `: ${JSON.stringify((params as { allowedValues: unknown }).allowedValues)}`
          : "";
    return `${place}${message ?? keyword}${which}`;
  });
  return `${said.slice(0, ISSUES).join("; ").slice(0, 1000)}.`;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

function wrong(expected: string, actual: string): UsageError {
  return new UsageError("E_AGENT_TOOL", "tool", { expected, actual });
}
