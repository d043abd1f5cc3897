/** A file of lines that grows: each line is on the disk when `add` returns, and one that was cut off in the middle is not there. */
import { readWhole } from "./input.ts";
import { io } from "./io.ts";
import { cannotWrite, writeAll } from "./output.ts";

/** Of a journal in all: about the longest string that JavaScript has. */
const MOST_BYTES = 2 ** 29 - 2 ** 16;

export class Journal {
  readonly path: string;
  /** The lines that were there when it was opened. */
  readonly lines: readonly string[];
  private readonly fd: number;

  /**
   * Opens or makes it; with "new" it must not be there yet.
   *
   * throws   IoError E_OUT_WRITE; as `readWhole`
   */
  constructor(path: string, how: "new" | "go on" = "go on") {
    this.path = path;
    this.fd = attempt(path, () => io().openSync(path, how === "new" ? "ax+" : "a+", 0o644));
    const bytes = readWhole(path, MOST_BYTES, "E_LIMIT_INPUT");
    const whole = bytes.lastIndexOf(0x0a) + 1;
    if (whole < bytes.length) attempt(path, () => io().ftruncateSync(this.fd, whole));
    this.lines = linesOf(new TextDecoder().decode(bytes.subarray(0, whole)));
  }

  /** Adds a line of JSON. Throws IoError E_OUT_WRITE. */
  add(value: unknown): void {
    attempt(this.path, () => {
      writeAll(this.path, this.fd, new TextEncoder().encode(`${JSON.stringify(value)}\n`));
      io().fsyncSync(this.fd);
    });
  }

  close(): void {
    io().closeSync(this.fd);
  }
}

/** The lines of a text that have something on them. */
export function linesOf(contents: string): string[] {
  return contents.split("\n").filter((line) => line.trim() !== "");
}

function attempt<R>(path: string, use: () => R): R {
  try {
    return use();
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}
