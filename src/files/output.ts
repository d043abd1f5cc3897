/**
 * Files and folders that are written: whole or not at all. The bytes go to a file beside the target, which takes the
 * target's name only when they are on the disk; whatever happens before leaves the old file as it was.
 */
import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { IoError, QwqError } from "../errors.ts";
import { checkPath, errorCode } from "./input.ts";
import { FLAG, io } from "./io.ts";

/** Node refuses to write 2^31 bytes or more in one call. */
const MOST_PER_WRITE = 2 ** 30;
const STALE_MS = 3_600_000;

/**
 * Writes the file `path` with what `fill` hands to `write`, piece by piece and in order. A link is followed; what it
 * leads to is replaced.
 *
 * throws   IoError E_OUT_WRITE (with the system's error as `cause`); whatever `fill` throws. In both cases the file is
 *          as it was before.
 */
export function writeAtomically(path: string, fill: (write: (bytes: Uint8Array) => void) => void): void {
  checkPath(path);
  try {
    const target = replaceable(path);
    quietly(() => removeStale(target));
    const temporary = temporaryBeside(target);
    try {
      const fd = io().openSync(temporary, "wx", 0o644);
      try {
        fill((bytes) => writeAll(path, fd, bytes));
        io().fsyncSync(fd);
      } finally {
        io().closeSync(fd);
      }
      io().renameSync(temporary, target);
    } catch (error) {
      quietly(() => io().unlinkSync(temporary));
      throw error;
    }
    quietly(() => syncFolder(dirname(target))); // not every system can; the file is whole either way
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/**
 * Writes the new folder `path`: `fill` puts the files into a folder beside it, which takes its name when all are there.
 *
 * throws   IoError E_OUT_EXISTS if there is anything of that name, E_OUT_WRITE; whatever `fill` throws. Nothing is left
 *          behind then.
 */
export function writeFolderAtomically(path: string, fill: (folder: string) => void): void {
  checkNew(path);
  try {
    quietly(() => removeStale(path));
    const temporary = temporaryBeside(path);
    try {
      io().mkdirSync(temporary);
      fill(temporary);
      quietly(() => syncFolder(temporary));
      io().renameSync(temporary, path);
    } catch (error) {
      quietly(() => io().rmSync(temporary, { recursive: true, force: true }));
      throw error;
    }
    quietly(() => syncFolder(dirname(path)));
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/**
 * Makes the new file or folder `path` in as long a time as it takes: `make` builds it under the name that it is given, and
 * says whether it is to take the name `path`. Files are put on the disk by `make`.
 *
 * returns  what `make` said
 * throws   as `writeFolderAtomically`. Nothing is left behind then, nor where `make` said no or the process exits.
 */
export async function makeAtomically(path: string, make: (temporary: string) => Promise<boolean>): Promise<boolean> {
  checkNew(path);
  try {
    quietly(() => removeStale(path));
    const temporary = temporaryBeside(path);
    const remove = () => quietly(() => io().rmSync(temporary, { recursive: true, force: true }));
    let kept = false;
    process.once("exit", remove); // a second Ctrl-C does not wait for what is made
    try {
      if (!(await make(temporary))) return false;
      io().renameSync(temporary, path);
      kept = true;
    } finally {
      process.off("exit", remove);
      if (!kept) remove();
    }
    quietly(() => syncFolder(dirname(path)));
    return true;
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/** Throws IoError E_OUT_EXISTS if there is anything called `path`, E_OUT_WRITE if nothing can be made there. */
export function checkNew(path: string): void {
  checkPath(path);
  try {
    if (io().lstatSync(path, { throwIfNoEntry: false }) === undefined) {
      io().accessSync(dirname(path), FLAG.mayWrite);
      return;
    }
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
  throw new IoError("E_OUT_EXISTS", path, {
    path,
    expected: "a name that is free",
    actual: "one that is taken",
    hint: "Choose another, or remove what is there.",
  });
}

/** A name that only this process has, in the same folder. */
function temporaryBeside(target: string): string {
  return join(dirname(target), `.${basename(target)}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`);
}

/** What the system said about writing, as an error of ours; any other error as it is. */
export function cannotWrite(path: string, cause: unknown): unknown {
  const actual = errorCode(cause);
  if (cause instanceof QwqError || actual === undefined) return cause;
  const hint = ADVICE.get(actual);
  return new IoError("E_OUT_WRITE", path, { path, expected: "a place to write", actual, hint, cause });
}

/** Makes a folder and those above it, where they are not there. Throws IoError E_OUT_WRITE. */
export function makeFolder(folder: string): void {
  try {
    io().mkdirSync(folder, { recursive: true });
  } catch (cause) {
    if (errorCode(cause) !== "EEXIST") throw cannotWrite(folder, cause);
    const details = { path: folder, expected: "a folder, or a name that is free", actual: "a file", cause };
    throw new IoError("E_OUT_WRITE", folder, { ...details, hint: "Name another folder." });
  }
}

/** The file itself, links followed, if there is one; never a device or a folder, which a rename would replace. */
function replaceable(path: string): string {
  const stat = io().statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return path;
  if (stat.isFile()) return io().realpathSync(path);
  throw new IoError("E_OUT_WRITE", path, {
    path,
    expected: "a regular file, or none yet",
    actual: stat.isDirectory() ? "a folder" : "a device, pipe or socket",
    hint: "Choose another name.",
  });
}

/** What to do about the system's more common errors. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ["EEXIST", "There is a file of that name; choose another, or remove it."],
  ["ENOENT", "Its folder does not exist; make it first."],
  ["ENOTDIR", "Its folder does not exist; make it first."],
  ["EACCES", "You have no permission to write there."],
  ["EPERM", "You have no permission to write there."],
  ["EROFS", "That disk can only be read; choose another place."],
  ["ENOSPC", "The disk is full; make room or choose another place."],
  ["EDQUOT", "Your share of the disk is full; make room or choose another place."],
]);

/** Writes all bytes to an open file, where the last ones ended. Throws IoError E_OUT_WRITE. */
export function writeAll(path: string, fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    const count = io().writeSync(fd, bytes, done, Math.min(bytes.length - done, MOST_PER_WRITE));
    if (count === 0) throw tooFew(path, bytes.length, done); // to try again would be to try for ever
    done += count;
  }
}

function tooFew(path: string, length: number, done: number): IoError {
  const details = { path, expected: `${length} bytes to be written`, actual: `${done}`, hint: ADVICE.get("ENOSPC") };
  return new IoError("E_OUT_WRITE", path, details);
}

/** Puts a folder's names on the disk. */
export function syncFolder(folder: string): void {
  const fd = io().openSync(folder, FLAG.read);
  try {
    io().fsyncSync(fd);
  } finally {
    io().closeSync(fd);
  }
}

/** Removes what killed processes have left beside `target`: their own temporary files, an hour old at least. */
function removeStale(target: string): void {
  const folder = dirname(target);
  const prefix = `.${basename(target)}.`;
  for (const name of io().readdirSync(folder)) {
    const pid = name.startsWith(prefix) ? /^(\d+)\.[0-9a-f]{8}\.tmp$/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (pid === undefined || isRunning(Number(pid))) continue;
    const path = join(folder, name);
    quietly(() => {
      const { mtimeMs = Infinity } = io().statSync(path, { throwIfNoEntry: false }) ?? {};
      if (Date.now() - mtimeMs > STALE_MS) io().rmSync(path, { recursive: true });
    });
  }
}

/** Whether a process of this number runs on this computer. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) !== "ESRCH";
  }
}

/** Runs what may fail without harm. */
export function quietly(run: () => void): void {
  try {
    run();
  } catch {
    // what matters was done or has failed already
  }
}
