/**
 * A mapped file that another process cuts short while it is in use ends the process by a signal that cannot be caught.
 * So a command that maps runs in a child, and whoever called it gets an error and an exit code as for any other fault.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { IoError, LimitError } from "../errors.ts";
import { locate } from "../files/locate.ts";
import { examine, namesIn } from "../files/paths.ts";
import type { ModelOptions } from "./options.ts";
import { hearSupervisor, takeSignals } from "./signals.ts";

/** Holds the parent's process id, so that no command started by a supervised one takes itself for supervised. */
const VARIABLE = "QWQ_SUPERVISOR";

/** The fifth of the child's channels. */
const PIPE = 4;
/** Larger models take seconds for a token, in which a process hears no signal. */
const LARGE = 1 << 30;

/** The child has ended and said what there was to say; this is its exit code. */
export class ChildEnded extends Error {
  override readonly name = "ChildEnded";
  readonly code: number;
  constructor(code: number) {
    super(`the command ended with ${code}`);
    this.code = code;
  }
}

/** Whether this process is such a child. */
export function isSupervised(env: NodeJS.ProcessEnv = process.env, parent = process.ppid): boolean {
  return env[VARIABLE] === String(parent);
}

/**
 * Before a command acts: runs it in a child if it is to map files or the model is large, and throws what came of it. In
 * that child, and for other commands, does nothing.
 *
 * throws   ChildEnded; IoError E_IO_MAP_FAULT, LimitError E_MEM_KILLED
 */
export async function supervise({ io, model }: Partial<ModelOptions>): Promise<void> {
  if (isSupervised()) {
    endWithParent();
    hearSupervisor(PIPE);
  } else if (io === "mmap" || isLarge(model)) throw await outcome(start());
}

/**
 * The same command, at the same terminal. The fourth channel closes when either of the two is gone; through the fifth it
 * is told of signals while it computes, see signals.ts.
 */
function start(): ChildProcess {
  return spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ["inherit", "inherit", "inherit", "ipc", "pipe"],
    env: { ...process.env, [VARIABLE]: String(process.pid) },
  });
}

/** Whether the model's files together are large; not where they cannot be found, which the command will say. */
export function isLarge(model: string | undefined): boolean {
  if (model === undefined) return false;
  try {
    const { kind, path } = locate(model);
    const folder = kind === "gguf" ? dirname(path) : path;
    const names = kind === "gguf" ? [path] : [...namesIn(folder)].filter((name) => name.endsWith(".safetensors"));
    const files = kind === "gguf" ? names : names.map((name) => join(folder, name));
    return files.reduce((sum, file) => sum + (examine(file)?.size ?? 0), 0) >= LARGE;
  } catch {
    return false;
  }
}

function endWithParent(): void {
  process.once("disconnect", () => process.exit(128 + constants.signals.SIGHUP));
  process.channel?.unref();
}

/** What a child comes to, while signals are passed on to it. */
export async function outcome(child: ChildProcess): Promise<Error> {
  const stop = passSignals(child);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve(ended(code, signal)));
    });
  } finally {
    stop();
  }
}

/** What an exit code or a signal means. */
export function ended(code: number | null, signal: NodeJS.Signals | null): Error {
  if (signal === null) return new ChildEnded(code ?? 0);
  if (signal === "SIGBUS") {
    const hint = "The model's file was changed or the disk failed; retry with --io=pread.";
    return new IoError("E_IO_MAP_FAULT", "mmap", { expected: "mapped files that can be read", actual: signal, hint });
  }
  if (signal === "SIGKILL") {
    const hint = "Most likely memory ran out; use a smaller model or a lower --memory.";
    return new LimitError("E_MEM_KILLED", "qwq", { expected: "to be left running", actual: signal, hint });
  }
  return new ChildEnded(128 + constants.signals[signal]);
}

function passSignals(child: ChildProcess): () => void {
  const pipe = child.stdio[PIPE] as Writable | null | undefined;
  pipe?.on("error", () => {}); // it has ended
  return takeSignals((signal) => {
    pipe?.write(Uint8Array.of(constants.signals[signal]));
    if (signal !== "SIGINT" || !isForeground()) child.kill(signal);
  });
}

/** Whether Ctrl-C reaches us, and then it reaches the child as well: our group has the terminal. */
function isForeground(): boolean {
  try {
    const [, , group, , , foreground] = readFileSync("/proc/self/stat", "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return group === foreground;
  } catch {
    return process.stdin.isTTY;
  }
}
