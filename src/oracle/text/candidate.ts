/**
 * Another engine as a command: a line of JSON in, a line of JSON out, in order.
 *
 * The command is started once, by the shell. It reads a case a line from its standard input and writes an answer a line to
 * its standard output, at once; `{"error": "..."}` says that it refuses the case. What it writes to standard error is shown
 * where it fails.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { FormatError, QwqError } from "../../errors.ts";
import { type Json, readJson } from "../../json/json.ts";

const MOST_LINE = 2 ** 26;

export interface CandidateOptions {
  /** Seconds that an answer may take. */
  readonly timeout: number;
}

export class Candidate {
  private readonly command: string;
  private readonly timeout: number;
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly lines: AsyncIterator<string>;
  private asked = 0;
  private said = "";

  constructor(command: string, { timeout }: CandidateOptions) {
    this.command = command;
    this.timeout = timeout;
    this.child = spawn(command, {
      shell: true,
      stdio: ["pipe", "pipe", "pipe"],
      detached: process.platform !== "win32",
    });
    this.child.stdin.on("error", () => undefined); // it may have ended; its missing answer says so
    this.child.stderr.on("data", (piece: Buffer) => (this.said = (this.said + piece.toString()).slice(-500)));
    this.lines = linesOf(this.child.stdout);
  }

  /**
   * The answer to a case.
   *
   * throws   FormatError E_CMP_ANSWER where none comes in time, or what comes is no JSON
   */
  async ask(line: string): Promise<Json> {
    this.asked++;
    this.child.stdin.write(`${line}\n`);
    const answer = await this.next();
    if (answer === undefined) throw this.bad("a line of JSON", `the end of its output${this.tail()}`);
    if (answer.length > MOST_LINE) throw this.bad("a line of at most 64 MiB", "a longer one");
    try {
      return readJson(answer, this.command);
    } catch (error) {
      if (error instanceof QwqError) throw this.bad("a line of JSON", JSON.stringify(answer.slice(0, 80)));
      throw error;
    }
  }

  /** Ends the command, and what it started. */
  close(): void {
    this.child.stdin.end();
    const { pid } = this.child;
    try {
      if (pid !== undefined && process.platform !== "win32") process.kill(-pid, "SIGTERM");
      else this.child.kill();
    } catch {
      // it has ended by itself
    }
  }

  private async next(): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.bad(`an answer within ${this.timeout} s`, "none")), this.timeout * 1000);
    });
    try {
      const { done, value } = await Promise.race([this.lines.next(), late]);
      return done === true ? undefined : value;
    } finally {
      clearTimeout(timer);
    }
  }

  private tail(): string {
    const last = this.said.trim().split("\n").at(-1) ?? "";
    return last === "" ? "" : `: ${last}`;
  }

  private bad(expected: string, actual: string): FormatError {
    return new FormatError("E_CMP_ANSWER", `--cand, case ${this.asked}`, {
      expected,
      actual,
      hint: "The protocol is in --help: a line of JSON in, a line of JSON out.",
    });
  }
}

/** Lines that end with a line feed alone: newer readline ends them at U+2028 too, which JSON may hold as it is. */
async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of stream) {
    const parts = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
  if (rest !== "") yield rest;
  return undefined;
}
