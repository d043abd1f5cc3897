/** Whether a thread still lives, asked of the system: Linux lists a process's threads under /proc. */
import { realpathSync, statSync } from "node:fs";

/** The folder that is there as long as the calling thread; undefined where the system has none. */
export function ownFolder(): string | undefined {
  try {
    const path = realpathSync("/proc/thread-self");
    return path !== "/proc/thread-self" && isThere(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the thread of that folder lives; true where there is none to look at. */
export function lives(folder: string | undefined): boolean {
  return folder === undefined || isThere(folder);
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
