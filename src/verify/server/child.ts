/** One process of the sandbox: started early, given one program, never used again. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Duplex, Readable, Writable } from "node:stream";
import { IoError } from "../../errors.ts";

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What comes next from a process: a line on descriptor 3, its end, or that there was too much. */
export type Next = { readonly line: string } | { readonly exit: Exit } | { readonly over: true };

const START_MILLISECONDS = 20_000;
/** What is kept of the standard error, its end, to say why. */
const ERROR_CHARACTERS = 4096;

export class Child {
  readonly exit: Promise<Exit>;
  /** Settles when the process waits for its program; rejects with IoError E_RUN_PROCESS when it does not come to that. */
  readonly ready: Promise<void>;
  errorText = "";
  private readonly process: ChildProcess;
  private readonly lines: string[] = [];
  private partial = "";
  private wake: () => void = () => undefined;
  private ended: Exit | undefined;
  private over = false;
  private most = Infinity;
  private written = "";

  constructor(command: readonly string[], cwd: string) {
    // A group of its own, so that all of it can be killed; nothing of this process's environment.
    this.process = spawn(command[0]!, command.slice(1), { detached: true, env: {}, cwd, stdio: Array(4).fill("pipe") });
    for (const stream of this.process.stdio) stream?.on("error", () => undefined);
    this.exit = new Promise((resolve) => {
      const end = (exit: Exit) => {
        this.ended = exit;
        this.wake();
        resolve(exit);
      };
      this.process.on("error", () => end({ code: -1, signal: null }));
      this.process.on("close", (code, signal) => end({ code, signal }));
    });
    this.listen();
    this.ready = this.start();
    this.ready.catch(() => undefined);
  }

  /** Gives it its message. */
  send(message: unknown): void {
    const bytes = Buffer.from(JSON.stringify(message));
    const control = this.process.stdio[3] as Duplex;
    control.write(`${bytes.length}\n`);
    control.write(bytes);
  }

  /** Gives it its whole standard input. */
  input(text: string): void {
    (this.process.stdin as Writable).end(text);
  }

  /** From now on at most so many bytes of output are taken. */
  limit(bytes: number): void {
    this.most = bytes;
  }

  /** What it wrote to its standard output. */
  get outputText(): string {
    return this.written;
  }

  /** The next line, or that there will be none. */
  async next(): Promise<Next> {
    for (;;) {
      const line = this.lines.shift();
      if (line !== undefined) return { line };
      if (this.over) return { over: true };
      if (this.ended !== undefined) return { exit: this.ended };
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Seconds for which it, or this process, was ready to run and had no processor; 0 where the system does not say. */
  starved(): number {
    try {
      let id = this.process.pid!;
      for (;;) {
        const below = readFileSync(`/proc/${id}/task/${id}/children`, "utf8").split(" ")[0]!;
        if (below === "") return waited(id) + waited("self");
        id = Number(below);
      }
    } catch {
      return 0;
    }
  }

  /** Ends it and everything that it started. */
  kill(): void {
    const { pid } = this.process;
    if (pid === undefined || this.ended !== undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }

  private listen(): void {
    let bytes = 0;
    const count = (data: string) => {
      bytes += data.length;
      if (bytes <= this.most) return;
      this.over = true;
      this.kill();
      this.wake();
    };
    const [, out, error, control] = this.process.stdio as unknown as [Writable, Readable, Readable, Duplex];
    for (const stream of [out, error, control]) stream?.setEncoding("utf8");
    out?.on("data", (data: string) => {
      count(data);
      if (!this.over) this.written += data;
    });
    error?.on("data", (data: string) => {
      count(data);
      this.errorText = (this.errorText + data).slice(-ERROR_CHARACTERS);
    });
    control?.on("data", (data: string) => {
      count(data);
      if (this.over) return;
      const parts = (this.partial + data).split("\n");
      this.partial = parts.pop()!;
      this.lines.push(...parts);
      if (parts.length > 0) this.wake();
    });
  }

  private async start(): Promise<void> {
    const timer = setTimeout(() => this.kill(), START_MILLISECONDS);
    const next = await this.next();
    clearTimeout(timer);
    if ("line" in next && next.line === "ready") return;
    throw new IoError("E_RUN_PROCESS", "sandbox", {
      expected: "a process that waits for its program",
      actual: this.errorText.trim() || "one that ended",
    });
  }
}

/** Seconds in the line for a processor. Throws where the system does not count them. */
function waited(id: number | "self"): number {
  return Number(readFileSync(`/proc/${id}/schedstat`, "utf8").split(" ")[1]) / 1e9;
}
