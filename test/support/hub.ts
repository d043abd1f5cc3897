/** Downloads from a hub on this computer, into a folder that lives as long as a test. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { QwqError } from "../../src/errors.ts";
import { type Download, download, type DownloadOptions } from "../../src/hub/download.ts";
import type { World } from "../../src/hub/persist.ts";
import { tinyFolder } from "./hub-files.ts";
import type { HubServer } from "./hub-server.ts";
import { temporaryFolder } from "./folder.ts";

/** A world without pauses, that remembers how long they would have been. */
export function hasty(): World & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return { pauses, pause: async (milliseconds) => void pauses.push(milliseconds), random: () => 0.5 };
}

export const REPO = "org/name";

/** Downloads `org/name`; the environment names the server and the cache, and nothing of this computer. */
export function fetchFrom(
  server: HubServer,
  options: DownloadOptions & { readonly cache?: string } = {},
  world: World = hasty(),
): Promise<Download> {
  const { cache = temporaryFolder(), env, ...rest } = options;
  return download(
    REPO,
    { ...rest, env: { HF_HUB_CACHE: cache, HF_HOME: cache, HF_ENDPOINT: server.url, ...env } },
    world,
  );
}

/** The QwqError that a promise rejects with. Any other error, or none, fails the test. */
export async function rejection(promise: Promise<unknown>): Promise<QwqError> {
  const error = await promise.then(
    () => new Error("expected a QwqError, but nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof QwqError) return error;
  throw error;
}

/** The files of a cache's blobs, by their names. */
export function blobs(cache: string): string[] {
  return readdirSync(join(cache, "models--org--name", "blobs")).sort();
}

export { tinyFolder };
