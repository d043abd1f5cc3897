/** Ctrl-C and termination: the first asks for an end, the second takes it. */
import { EXIT } from "./exit.ts";

export interface Interrupt {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** 130 or 143, after whichever came. */
  exitCode(): number;
  /** Stops listening. */
  done(): void;
}

/** A command that was interrupted before it had a result, and has said so. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** What it ends with: 130 or 143. */
  readonly code: number;
  constructor(code: number) {
    super("interrupted");
    this.code = code;
  }
}

export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  let code: number = EXIT.interrupted;
  const hear = (which: number) => () => {
    if (controller.signal.aborted) process.exit(which);
    code = which;
    controller.abort();
  };
  const [interrupted, terminated] = [hear(EXIT.interrupted), hear(EXIT.terminated)];
  process.on("SIGINT", interrupted);
  process.on("SIGTERM", terminated);
  return {
    signal: controller.signal,
    exitCode: () => code,
    done() {
      process.off("SIGINT", interrupted);
      process.off("SIGTERM", terminated);
    },
  };
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
