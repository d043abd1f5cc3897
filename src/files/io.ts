/**
 * What this package asks of the system about files and large memory, in one place: nothing else in src names node:fs.
 * Every call goes through `io()`, so that a test can put faulty calls in their place, below everything that is built on
 * them.
 *
 * source   SQLite's VFS, which its I/O error tests replace in the same way (sqlite.org/testing.html 3.2, sqlite3_vfs)
 */
import * as fs from "node:fs";
import { dirname } from "node:path";

/** The calls that reading a file needs. */
export interface ReadIo {
  openSync(path: string, flags: string | number, mode?: number): number;
  fstatSync(fd: number, options: { readonly bigint: true }): fs.BigIntStats;
  readSync(fd: number, into: Uint8Array, at: number, length: number, position: number): number;
  closeSync(fd: number): void;
}

/** The calls as libc has them: numbers in, numbers out, nothing checked. Tests put faulty ones in their place. */
export interface MapCalls {
  /** Bytes in a page; addresses that `madvise` takes are multiples of it. */
  readonly pageSize: number;
  /** Maps a file's first `bytes` bytes, for reading, shared. The address; 2^64 - 1 where it failed. */
  mmap(fd: number, bytes: number): unknown;
  /** 0, or -1 where it failed. */
  madvise(address: bigint, bytes: number, advice: number): number;
  /** The same on another thread; nothing is said of how it ended. */
  madviseLater(address: bigint, bytes: number, advice: number): void;
  munmap(address: bigint, bytes: number): number;
  /** Why the last of them failed. */
  errno(): number;
  /** Memory at an address as an ArrayBuffer; it must be mapped. */
  view(address: bigint, bytes: number): ArrayBuffer;
}

/** All calls, as node:fs has them. */
export interface Io extends ReadIo {
  /** At the place that the last one ended unless `position` is told. */
  writeSync(fd: number, bytes: Uint8Array, at: number, length: number, position?: number): number;
  fsyncSync(fd: number): void;
  statSync(path: string, options: { readonly throwIfNoEntry: false }): fs.Stats | undefined;
  lstatSync(path: string, options: { readonly throwIfNoEntry: false }): fs.Stats | undefined;
  statfsSync(path: string): fs.StatsFs;
  accessSync(path: string, mode: number): void;
  realpathSync(path: string): string;
  readdirSync(path: string): string[];
  mkdirSync(path: string, options?: { readonly recursive?: boolean }): void;
  ftruncateSync(fd: number, bytes: number): void;
  symlinkSync(target: string, path: string): void;
  copyFileSync(from: string, to: string): void;
  renameSync(from: string, to: string): void;
  unlinkSync(path: string): void;
  rmSync(path: string, options: { readonly recursive?: boolean; readonly force?: boolean }): void;
  /** So many zeros. */
  allocate(bytes: number): Uint8Array;
  /** The calls that map files; those of mmap.ts where there are none. */
  readonly mapCalls?: () => MapCalls;
}

export type { BigIntStats, Stats } from "node:fs";

/** Numbers that the calls take. */
export const FLAG = {
  read: fs.constants.O_RDONLY,
  readWrite: fs.constants.O_RDWR,
  /** Without it, opening a pipe that nobody writes to waits for ever. Windows has no such flag. */
  noWait: fs.constants.O_NONBLOCK ?? 0,
  /** Fails where the last name of a path is a link. Windows has no such flag. */
  noFollow: fs.constants.O_NOFOLLOW ?? 0,
  /** Past what the system keeps of a file in memory. Only Linux has it. */
  direct: fs.constants.O_DIRECT as number | undefined,
  mayWrite: fs.constants.W_OK,
} as const;

/** The system itself. */
export const SYSTEM: Io = {
  openSync: fs.openSync,
  fstatSync: fs.fstatSync,
  readSync: fs.readSync,
  closeSync: fs.closeSync,
  writeSync: fs.writeSync,
  fsyncSync: fs.fsyncSync,
  statSync: fs.statSync,
  lstatSync: fs.lstatSync,
  statfsSync: fs.statfsSync,
  accessSync: fs.accessSync,
  realpathSync: fs.realpathSync,
  readdirSync: fs.readdirSync,
  mkdirSync: (path, options) => (options?.recursive === true ? makeFolders(path) : fs.mkdirSync(path)),
  ftruncateSync: fs.ftruncateSync,
  symlinkSync: fs.symlinkSync,
  copyFileSync: fs.copyFileSync,
  renameSync: fs.renameSync,
  unlinkSync: fs.unlinkSync,
  rmSync: fs.rmSync,
  allocate: (bytes) => new Uint8Array(bytes),
};

const isThere = (path: string) => fs.statSync(path, { throwIfNoEntry: false }) !== undefined;

/**
 * The folder and those above it, as Node's own recursive `mkdir` makes them; but that one never ends where a folder
 * cannot be made inside one that is there and the system says ENOENT, as Linux does in /proc.
 */
function makeFolders(path: string): void {
  try {
    fs.mkdirSync(path);
  } catch (error) {
    if (fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || above === path || isThere(above)) throw error;
    makeFolders(above);
    makeFolders(path);
  }
}

let calls: Io = SYSTEM;

/** The calls in use. */
export function io(): Io {
  return calls;
}

/** For tests: everything in this thread uses `other` from now on, until the function that comes back is called. */
export function replaceIo(other: Io): () => void {
  const before = calls;
  calls = other;
  return () => {
    calls = before;
  };
}
