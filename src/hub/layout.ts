/**
 * What stands in Hugging Face's cache besides the bytes: a folder a snapshot, with links to blobs, and a file a branch
 * or tag with the commit that it was. Both come last, and a new snapshot's links all at once, so that what has a name is
 * whole.
 *
 * source   huggingface_hub: file_download.py (_create_symlink, _cache_commit_hash_for_specific_revision),
 *          _create_cachedir_tag; bford.info/cachedir
 */
import { dirname, join, relative } from "node:path";
import { errorCode } from "../files/input.ts";
import { io } from "../files/io.ts";
import { cannotWrite, quietly, writeAtomically, writeFolderAtomically } from "../files/output.ts";
import type { HubFile } from "./hub.ts";

const TAG =
  "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of models; see bford.info/cachedir.\n";

/** Folders of a repository in the cache. */
export interface Places {
  readonly cache: string;
  readonly repository: string;
  readonly blobs: string;
}

export function placesOf(cache: string, repository: string): Places {
  return { cache, repository, blobs: join(repository, "blobs") };
}

/** Makes the folders. Throws IoError E_OUT_WRITE. */
export function makePlaces({ cache, repository, blobs }: Places): void {
  try {
    for (const folder of [blobs, join(repository, "refs"), join(repository, "snapshots")]) {
      io().mkdirSync(folder, { recursive: true });
    }
  } catch (cause) {
    throw cannotWrite(blobs, cause);
  }
  const tag = join(cache, "CACHEDIR.TAG");
  quietly(() => {
    if (io().statSync(tag, { throwIfNoEntry: false }) === undefined) writeAtomically(tag, (write) => write(bytes(TAG)));
  });
}

/** Whether the cache has a blob, whole by its length. */
export function hasBlob({ blobs }: Places, { hash, bytes }: HubFile): boolean {
  try {
    const stat = io().statSync(join(blobs, hash), { throwIfNoEntry: false });
    return stat?.isFile() === true && stat.size === bytes;
  } catch {
    return false; // something on the way is no folder, as writing will tell
  }
}

/** Where a snapshot is or will be. */
export function snapshotPath({ repository }: Places, commit: string): string {
  return join(repository, "snapshots", commit);
}

/**
 * Gives files their names in a snapshot, once their blobs are there; returns its folder.
 *
 * throws   IoError E_OUT_WRITE
 */
export function writeSnapshot(places: Places, commit: string, files: readonly HubFile[]): string {
  const folder = snapshotPath(places, commit);
  const fill = (into: string) => {
    for (const { path, hash } of files) link(join(places.blobs, hash), join(into, path), into, folder);
  };
  try {
    if (io().lstatSync(folder, { throwIfNoEntry: false }) === undefined) {
      try {
        writeFolderAtomically(folder, fill);
        return folder;
      } catch (error) {
        if (io().lstatSync(folder, { throwIfNoEntry: false }) === undefined) throw error; // else another was faster
      }
    }
    fill(folder);
    return folder;
  } catch (cause) {
    throw cannotWrite(folder, cause);
  }
}

/** Says which commit a branch or tag is. Throws IoError E_OUT_WRITE. */
export function writeReference({ repository }: Places, revision: string, commit: string): void {
  if (revision === commit) return;
  const path = join(repository, "refs", revision);
  try {
    io().mkdirSync(dirname(path), { recursive: true });
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
  writeAtomically(path, (write) => write(bytes(commit)));
}

/** A link, relative, so that the cache can be moved; where the system has none, a copy. */
function link(blob: string, path: string, into: string, folder: string): void {
  const target = relative(dirname(join(folder, relative(into, path))), blob);
  io().mkdirSync(dirname(path), { recursive: true });
  for (;;) {
    try {
      return io().symlinkSync(target, path);
    } catch (error) {
      const code = errorCode(error);
      if (code === "EEXIST" && leadsTo(path, blob)) return;
      if (code === "EEXIST") io().unlinkSync(path);
      else if (code === "EPERM" || code === "ENOTSUP" || code === "ENOSYS") return io().copyFileSync(blob, path);
      else throw error;
    }
  }
}

function leadsTo(path: string, blob: string): boolean {
  try {
    return io().realpathSync(path) === io().realpathSync(blob);
  } catch {
    return false; // it leads nowhere
  }
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}
