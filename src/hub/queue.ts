/** Several transfers at once; the first that fails ends the others. */
import type { HubFile } from "./hub.ts";
import { transfer, type Transfer } from "./transfer.ts";

/**
 * Fetches all files, at most `jobs` at once, in their order; returns the sha256 of each by the hash that its hub lists.
 *
 * throws   the first error of any transfer, once `stop` has ended all others
 */
export async function fetchAll(
  files: readonly HubFile[],
  jobs: number,
  stop: (reason: unknown) => void,
  jobOf: (file: HubFile) => Transfer,
): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>();
  const waiting = files.values();
  const errors: unknown[] = [];
  const work = async () => {
    for (const file of waiting) hashes.set(file.hash, await transfer(jobOf(file)));
  };
  const workers = Array.from({ length: Math.min(Math.max(1, jobs), files.length) }, () =>
    work().catch((error: unknown) => {
      errors.push(error);
      stop(error);
    }),
  );
  await Promise.all(workers);
  if (errors.length > 0) throw errors[0];
  return hashes;
}
