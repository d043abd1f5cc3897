/** One running notebook: the process that evaluates its cells, and what came of each. */
import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { Writable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Asked, Fault, Output, Told } from "./messages.ts";
import { SyntaxFault, toScript } from "./script.ts";

/** What a cell gave. */
export interface Result {
  readonly outputs: readonly Output[];
  /** Why it failed, if it did. */
  readonly fault?: Fault | undefined;
}

export interface SessionOptions {
  /** A cell, and what is left when the last is done, may take so many milliseconds; 60,000 unless told. */
  readonly limit?: number;
  /** Is shown every output as it comes. */
  readonly onOutput?: (output: Output) => void;
}

/** In development sources are run by tsx, wherever the notebook lies. */
const tsx = () => pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** How long a cell that waits has to hear of an interrupt. */
const HEAR = 300;
/** How long a process may take to heed an interrupt before it is killed. */
const HEED = 5000;
/** The fifth of the child's channels, on which its watching thread hears. */
const WATCH = 4;
const LIMIT = 60_000;

export class Session {
  private readonly child: ChildProcess;
  private readonly limit: number;
  private readonly onOutput: (output: Output) => void;
  private readonly ended: Promise<void>;
  private outputs: Output[] = [];
  private late: Fault | undefined;
  private drained = false;
  private gone: string | undefined;
  private ready = false;
  private done = true;
  private wake: () => void = () => undefined;

  /** Starts the process; `notebook` is the path from whose folder cells import. */
  constructor(notebook: string, { limit = LIMIT, onOutput = () => undefined }: SessionOptions = {}) {
    this.limit = limit;
    this.onOutput = onOutput;
    const source = import.meta.url.endsWith(".ts");
    this.child = fork(fileURLToPath(new URL(`./evaluator.${source ? "ts" : "js"}`, import.meta.url)), [notebook], {
      cwd: dirname(notebook),
      execArgv: ["--disable-warning=ExperimentalWarning", ...(source ? ["--import", tsx()] : [])],
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe", "ipc", "pipe"],
    });
    this.child.stdout!.resume();
    this.child.stderr!.resume();
    this.child.stdio[WATCH]!.on("error", () => undefined);
    this.child.on("error", () => undefined);
    this.child.on("message", (told: Told) => this.hear(told));
    this.ended = new Promise((resolve) => {
      this.child.once("exit", (code, signal) => {
        this.gone = signal ?? `code ${code}`;
        this.wake();
        resolve();
      });
    });
  }

  /** Evaluates one cell; `number` counts from 0 and is what faults name. */
  async run(code: string, number: number): Promise<Result> {
    this.outputs = [];
    this.late = undefined;
    let script: string;
    try {
      script = toScript(code);
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error;
      return this.failed({ name: error.name, message: error.message, places: [{ cell: number, line: error.line }] });
    }
    await this.until(() => this.ready);
    this.done = false;
    this.ask({ type: "run", cell: number, code: script });
    const inTime = await this.until(() => this.done, this.limit);
    const place = { places: [{ cell: number, line: 1 }] };
    if (this.gone !== undefined) {
      return this.failed({ name: "Exit", message: `the process ended with ${this.gone} in this cell`, ...place });
    }
    if (!inTime) {
      await this.stop();
      return this.failed({ name: "Timeout", message: `the cell ran past ${this.limit / 1000} s`, ...place });
    }
    const error = this.outputs.find((output) => output.type === "error");
    if (error === undefined && this.late !== undefined) return this.failed(this.late);
    return { outputs: this.outputs, fault: error?.fault };
  }

  /**
   * Stops the cell that runs, as Ctrl-C would; what it has defined stays. One that waits hears of it itself; one that computes
   * does not, and is stopped from its thread beside it: not sooner, since that would stop the hearing too.
   */
  interrupt(): void {
    this.ask({ type: "interrupt" });
    const timer = setInterval(() => {
      if (this.done || this.gone !== undefined) return clearInterval(timer);
      (this.child.stdio[WATCH] as Writable).write("stop\n");
      this.ask({ type: "interrupt" });
    }, HEAR);
  }

  /** Waits until timers, promises and workers that cells left behind are done; why that failed, if it did. */
  async end(): Promise<Fault | undefined> {
    const fault = (message: string, name = "Exit"): Fault => ({ name, message, places: [] });
    if (this.gone !== undefined) return this.late ?? fault(`the process ended with ${this.gone} between cells`);
    await this.until(() => this.ready);
    this.ask({ type: "end" });
    const inTime = await this.until(() => false, this.limit);
    if (!inTime && this.gone === undefined) {
      await this.kill();
      return (
        this.late ??
        fault(`a timer, worker or server was still running ${this.limit / 1000} s after the last cell`, "Timeout")
      );
    }
    return this.late ?? (this.drained ? undefined : fault(`the process ended with ${this.gone} after the last cell`));
  }

  /** Ends the process whatever it does. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  private async stop(): Promise<void> {
    this.interrupt();
    if (!(await this.until(() => this.done, HEED))) await this.kill();
  }

  private failed(fault: Fault): Result {
    const output: Output = { type: "error", fault };
    this.onOutput(output);
    return { outputs: [...this.outputs, output], fault };
  }

  private ask(asked: Asked): void {
    // A process that has just ended is known by its exit.
    if (this.child.connected) this.child.send(asked, () => undefined);
  }

  private hear(told: Told): void {
    if (told.type === "output") {
      this.outputs.push(told.output);
      this.onOutput(told.output);
    } else if (told.type === "late") this.late ??= told.fault;
    else if (told.type === "drained") this.drained = true;
    else if (told.type === "done") this.done = true;
    else this.ready = true;
    this.wake();
  }

  /** Whether `holds` came to hold before the limit; no longer waits once the process has ended. */
  private async until(holds: () => boolean, limit = LIMIT): Promise<boolean> {
    const end = performance.now() + limit;
    while (!holds() && this.gone === undefined) {
      const left = end - performance.now();
      if (left <= 0) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return holds();
  }
}
