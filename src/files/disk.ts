/** Whether a disk has room for what is to be written. */
import { IoError, LimitError } from "../errors.ts";
import { errorCode } from "./input.ts";
import { io } from "./io.ts";

/**
 * Throws LimitError E_LIMIT_DISK where the disk of `folder` has fewer than `needed` bytes free, as `free` says. `where` is
 * what is to be written.
 */
export function checkRoom(
  where: string,
  folder: string,
  needed: number,
  free: (folder: string) => number = freeBytes,
): void {
  const there = free(folder);
  if (needed <= there) return;
  throw new LimitError("E_LIMIT_DISK", where, {
    path: where,
    expected: `${needed} bytes free on its disk`,
    actual: `${there}`,
    hint: "Make room, or choose a place on another disk.",
  });
}

/** Bytes that a user may still write on the disk of `folder`. Throws IoError E_OUT_WRITE. */
export function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = io().statfsSync(folder);
    return bavail * bsize;
  } catch (cause) {
    const actual = errorCode(cause);
    if (actual === undefined) throw cause;
    const hint = actual === "ENOENT" ? "The folder does not exist; make it first." : undefined;
    throw new IoError("E_OUT_WRITE", folder, { path: folder, expected: "a folder to write", actual, hint, cause });
  }
}
