/** Faulty calls in place of the system's, for as long as a function runs. */
import { type Io, replaceIo, SYSTEM } from "../../src/files/io.ts";

/** Runs `run` while these calls stand in place of the system's own; the others are the system's. */
export function withIo<R>(calls: Partial<Io>, run: () => R): R {
  const restore = replaceIo({ ...SYSTEM, ...calls });
  try {
    return run();
  } finally {
    restore();
  }
}

/** The error that the system throws for this code, "EIO". */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by a test`), { code });
}
