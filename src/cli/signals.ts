/**
 * Ctrl-C and termination: the first asks for an end, the second takes it. While a layer is computed Node hears no signal;
 * in a supervised process a thread hears of them, and `checkInterrupt` asks it between two windows of weights.
 */
import { constants } from "node:os";
import { Halted } from "../generate/feed.ts";
import { startThread } from "../thread.ts";
import { EXIT } from "./exit.ts";

/** What a command ends with that a signal has ended. */
const CODES = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hungUp } as const;
type Signal = keyof typeof CODES;
const SIGNALS = Object.keys(CODES) as Signal[];

/** How many listen to signals. */
let listening = 0;

/** Tells `hear` of each signal, until what is returned is called. */
export function takeSignals(hear: (signal: Signal) => void): () => void {
  listening++;
  for (const signal of SIGNALS) process.on(signal, hear);
  return () => {
    listening--;
    for (const signal of SIGNALS) process.off(signal, hear);
  };
}

/** A signal that nobody takes ends the process with its code, and whatever waits for that is put away (see output.ts). */
export function endOnSignals(): void {
  const end = (signal: Signal) => {
    if (listening === 0) process.exit(CODES[signal]);
  };
  for (const signal of SIGNALS) process.on(signal, end);
}

export interface Interrupt {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** 130, 143 or 129, after whichever came. */
  exitCode(): number;
  /** Stops listening. */
  done(): void;
}

/** A command that was interrupted before it had a result, and has said so. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** What it ends with: 130, 143 or 129. */
  readonly code: number;
  constructor(code: number) {
    super("interrupted");
    this.code = code;
  }
}

/** What the thread has heard, where there is one; and how much of it before anybody wanted to be interrupted. */
let heard: Int32Array | undefined;
let since: number | undefined;

/** Listens to the supervisor's pipe from now on. */
export function hearSupervisor(fd: number): void {
  heard = new Int32Array(new SharedArrayBuffer(8));
  const thread = startThread("./hear-worker", import.meta.url, { fd, heard });
  thread.on("error", () => {}); // then signals are heard when there is time
  thread.unref();
}

/**
 * From now on `checkInterrupt` throws once the first number of this memory has grown, whoever lets it grow: what stops a model
 * that computes in a thread of its own. What it returns is called before each piece of work.
 */
export function hearMemory(memory: Int32Array): () => void {
  heard = memory;
  return () => {
    since = Atomics.load(memory, 0);
  };
}

/** Throws Halted where the supervisor has passed on a signal since `onInterrupt("within")`. */
export function checkInterrupt(): void {
  if (heard !== undefined && since !== undefined && Atomics.load(heard, 0) > since) throw new Halted();
}

/** With "within", `checkInterrupt` ends the computing too; whoever called it must take Halted for an end. */
export function onInterrupt(when?: "within"): Interrupt {
  const controller = new AbortController();
  let code: number = EXIT.interrupted;
  if (when === "within") since = heard === undefined ? 0 : Atomics.load(heard, 0);
  const stop = takeSignals((signal) => {
    if (controller.signal.aborted) process.exit(CODES[signal]);
    code = CODES[signal];
    controller.abort();
  });
  return {
    signal: controller.signal,
    exitCode: () => (controller.signal.aborted ? code : heardCode()),
    done() {
      since = undefined;
      stop();
    },
  };
}

/** The exit code of what the thread heard; the signal itself comes later. */
function heardCode(): number {
  return CODES[SIGNALS.find((signal) => constants.signals[signal] === heard?.[1]) ?? "SIGINT"];
}

/** Runs `use` with the terminal out of raw mode, in which Ctrl-C is a character that must be read, and no signal. */
export async function withSignals<R>(
  terminal: Pick<NodeJS.ReadStream, "isRaw" | "setRawMode"> | undefined,
  use: () => Promise<R>,
): Promise<R> {
  const raw = terminal?.isRaw === true;
  if (raw) terminal?.setRawMode(false);
  try {
    return await use();
  } finally {
    if (raw) terminal?.setRawMode(true);
  }
}
