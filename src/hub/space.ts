/** Whether a download fits on the disk, before the first byte of it comes. */
import { LimitError } from "../errors.ts";
import { io } from "../files/io.ts";
import type { HubFile } from "./hub.ts";
import type { Left } from "./partial.ts";

/**
 * Throws LimitError E_LIMIT_DISK where the files, less what is there of them already, are more than what is free. A
 * system that does not tell is believed to have room.
 */
export function checkSpace(
  repository: string,
  folder: string,
  files: readonly HubFile[],
  left: ReadonlyMap<string, readonly Left[]>,
): void {
  const unique = new Map(files.map((file) => [file.hash, file]));
  let due = 0;
  for (const { hash, bytes } of unique.values()) due += Math.max(0, bytes - (left.get(hash)?.[0]?.bytes ?? 0));
  const free = freeBytes(folder);
  if (free === undefined || due <= free) return;
  throw new LimitError("E_LIMIT_DISK", repository, {
    path: folder,
    expected: `${due} bytes of free disk`,
    actual: `${free}`,
    hint: "Make room, or set HF_HUB_CACHE to a folder on a larger disk.",
  });
}

function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = io().statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
