/**
 * Names and what they stand for, innermost scope first; and the budget of one rendering.
 */
import { FormatError } from "../../errors.ts";
import { beyond, limitLength, Undefined, type Value } from "./value.ts";

/** A loop's body, a macro and the template itself each have one; `if` has none of its own. */
export class Scope {
  private readonly names = new Map<string, Value>();
  private readonly outer: Scope | undefined;
  constructor(outer?: Scope) {
    this.outer = outer;
  }

  /** What the name stands for; an undefined value where nothing set it. */
  get(name: string): Value {
    const value = this.names.get(name);
    if (value !== undefined) return value;
    return this.outer === undefined ? new Undefined(`'${name}' is undefined`) : this.outer.get(name);
  }

  set(name: string, value: Value): void {
    this.names.set(name, value);
  }
}

/** Syntax nodes one rendering may visit: thousands of messages take a few hundred thousand. */
const STEPS = 20_000_000;

/** One rendering: how much it has done, and where in the conversation it is. */
export class Run {
  private steps = 0;
  /** Index of the message that the loop over `messages` is at. */
  message: number | undefined;

  /** Counts one node; throws LimitError E_TPL_LIMIT when there were too many. */
  step(): void {
    if (++this.steps > STEPS) throw beyond(`at most ${STEPS} steps`, "more");
  }

  /** The error with the message's number in it, if it is one of rendering. */
  located(error: unknown): unknown {
    if (!(error instanceof FormatError) || error.code !== "E_TPL_RENDER" || this.message === undefined) return error;
    const { expected, actual, hint } = error;
    return new FormatError(error.code, `chat template, at messages[${this.message}]`, { expected, actual, hint });
  }
}

/** Printed text, piece by piece. */
export class Output {
  private readonly pieces: string[] = [];
  private length = 0;

  print(text: string): void {
    this.length += text.length;
    limitLength(this.length);
    this.pieces.push(text);
  }

  text(): string {
    return this.pieces.join("");
  }
}
