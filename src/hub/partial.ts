/**
 * A file that is still coming: bytes [0, n) of it, in the cache's folder of blobs under a name of this process's own,
 *
 *   <hash>.qwq-<host>-<pid>-<random>.incomplete
 *
 * What a process leaves behind (a kill, a full disk, no network) the next one takes over by renaming it, which only one
 * of several can do, and goes on where it ends. Nothing is locked: locks are void on some network disks, and there two
 * writers of one file have corrupted caches (huggingface_hub #4228, after which it gave up resuming). Two that fetch the
 * same file at once each fetch all of it, and the later puts the same bytes in the earlier's place.
 */
import { createHash, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { errorCode, InputFile } from "../files/input.ts";
import { FLAG, io } from "../files/io.ts";
import { cannotWrite, isRunning, quietly, syncFolder } from "../files/output.ts";
import { Digest } from "./digest.ts";
import type { HubFile } from "./hub.ts";

const PIECE = 1 << 20;
/** Written to the disk itself so often, so that a kill of the machine loses little and the end need not wait long. */
const SYNC_EVERY = 2 ** 28;
/** A partial file of a process that we cannot ask about is taken for left behind after this time without a change. */
const STALE_MS = 3_600_000;
const HOST = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
const NAME = /^([0-9a-f]+)\.qwq-([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.incomplete$/;

/** Those of this very process. */
const inUse = new Set<string>();

export class Partial {
  /** How many bytes it has. */
  bytes = 0;
  /** The most it ever had: by this a download is seen to come on. */
  furthest = 0;
  private readonly path: string;
  private readonly fd: number;
  private readonly digest: Digest;
  private readonly others: readonly Left[];
  private unsynced = 0;

  /**
   * The partial file of `file` in this folder: the one of `left` with the most bytes, else a new one.
   *
   * throws   IoError E_OUT_WRITE
   */
  constructor(blobs: string, file: HubFile, left: readonly Left[]) {
    const name = `${file.hash}.qwq-${HOST}-${process.pid}-${randomBytes(4).toString("hex")}.incomplete`;
    this.path = join(blobs, name);
    this.digest = new Digest(file);
    this.others = left;
    inUse.add(this.path);
    try {
      const taken = left.some(({ path }) => takeOver(path, this.path));
      this.fd = this.system(() => io().openSync(this.path, taken ? FLAG.readWrite : "wx", 0o666));
      if (taken) this.readAgain(file);
    } catch (error) {
      inUse.delete(this.path);
      throw error;
    }
  }

  /** Adds bytes at its end. Throws IoError E_OUT_WRITE. */
  append(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const at = this.bytes + done;
      done += this.system(() => io().writeSync(this.fd, bytes, done, bytes.length - done, at));
    }
    this.digest.update(bytes);
    this.bytes += bytes.length;
    this.furthest = Math.max(this.furthest, this.bytes);
    this.unsynced += bytes.length;
    if (this.unsynced >= SYNC_EVERY) this.sync();
  }

  /** Makes it empty. Throws IoError E_OUT_WRITE. */
  restart(): void {
    this.system(() => io().ftruncateSync(this.fd, 0));
    this.bytes = 0;
    this.digest.restart();
  }

  /** The hashes of what it has. */
  found(): { readonly hash: string; readonly sha256: string } {
    return this.digest.found();
  }

  /**
   * Gives it its place among the blobs, once it is on the disk, and closes it; shorter ones that were left behind are of
   * no more use.
   *
   * throws   IoError E_OUT_WRITE
   */
  finish(blob: string): void {
    this.sync();
    this.close();
    this.system(() => io().renameSync(this.path, blob));
    quietly(() => syncFolder(dirname(blob)));
    for (const { path } of this.others) quietly(() => io().unlinkSync(path));
  }

  /** Closes it; it stays for the next attempt. */
  close(): void {
    if (!inUse.delete(this.path)) return;
    quietly(() => io().closeSync(this.fd));
    if (this.bytes === 0) this.remove();
  }

  /** Removes it. */
  remove(): void {
    quietly(() => io().unlinkSync(this.path));
  }

  private sync(): void {
    this.system(() => io().fsyncSync(this.fd));
    this.unsynced = 0;
  }

  /** What another process has written is hashed as if it came now; what cannot be read is fetched again. */
  private readAgain(file: HubFile): void {
    try {
      const input = new InputFile(this.path);
      try {
        for (let at = 0; at < input.bytes && input.bytes <= file.bytes; at += PIECE) {
          const bytes = input.read(at, Math.min(PIECE, input.bytes - at));
          this.digest.update(bytes);
          this.bytes += bytes.length;
        }
      } finally {
        input.close();
      }
    } catch {
      this.bytes = 0;
    }
    if (this.bytes === 0) this.restart();
    this.furthest = this.bytes;
  }

  private system<R>(run: () => R): R {
    try {
      return run();
    } catch (cause) {
      throw cannotWrite(this.path, cause);
    }
  }
}

/** A partial file that nobody is writing. */
export interface Left {
  readonly path: string;
  readonly bytes: number;
}

/** What was left behind in a folder of blobs, by the hash it is to have, the longest first. */
export function leftBehind(blobs: string): ReadonlyMap<string, readonly Left[]> {
  const found = new Map<string, Left[]>();
  for (const name of names(blobs)) {
    const [, hash, host, pid] = NAME.exec(name) ?? [];
    const path = join(blobs, name);
    const stat = hash === undefined || inUse.has(path) ? undefined : lookAt(path);
    if (stat === undefined) continue;
    const dead = host === HOST && (Number(pid) === process.pid || !isRunning(Number(pid)));
    if (!dead && Date.now() - stat.mtimeMs <= STALE_MS) continue;
    found.set(
      hash!,
      [...(found.get(hash!) ?? []), { path, bytes: stat.size }].sort((a, b) => b.bytes - a.bytes),
    );
  }
  return found;
}

function names(folder: string): string[] {
  try {
    return io().readdirSync(folder);
  } catch {
    return []; // not made yet, or not readable, as writing will tell
  }
}

function lookAt(path: string) {
  try {
    return io().statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Whether the file is ours now; another process may have been faster. */
function takeOver(path: string, ours: string): boolean {
  try {
    io().renameSync(path, ours);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw cannotWrite(path, error);
  }
}
