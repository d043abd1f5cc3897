/**
 * Files that are read: opened once, known to be regular, read at given places until every byte is there, and watched
 * for changes. All reading of files goes through here.
 */
import { constants } from "node:os";
import { IoError, LimitError, UsageError } from "../errors.ts";
import { type BigIntStats, FLAG, io, type ReadIo } from "./io.ts";
import { isLfsPointer, looksLike } from "./magic.ts";
import { quote } from "../json/quote.ts";

/** Linux moves at most 2^31 - 4096 bytes in one call, and Node refuses to ask for more. */
const MOST_PER_READ = 2 ** 30;
const RETRIES = 3;
/** Below this a file may well lie inside its inode, with no blocks of its own. */
const SPARSE_FROM = 1 << 20;

export class InputFile {
  readonly path: string;
  /** Its length when it was opened. */
  readonly bytes: number;
  /** Device and inode: the same for two names of one file. */
  readonly identity: string;
  /** What may be wrong but does not have to be, one sentence each. */
  readonly warnings: readonly string[];
  private readonly io: ReadIo;
  private fd: number | undefined;
  private stat: BigIntStats;

  /**
   * Opens a regular file. Devices, pipes, sockets and folders are refused without touching their data; so is the text
   * that git-LFS leaves in the place of a large file.
   *
   * `real` is where it lies, if its links were followed already; errors name `path`.
   *
   * throws   UsageError E_PATH_INVALID; IoError E_IO_OPEN (with the system's error as `cause`), E_IO_NOT_REGULAR,
   *          E_IO_LFS_POINTER; LimitError E_LIMIT_FILE_SIZE from 2^53 bytes
   */
  constructor(path: string, real = path, calls: ReadIo = io()) {
    checkPath(path);
    this.path = path;
    this.io = calls;
    this.fd = this.call("E_IO_OPEN", "a file that can be opened", () => calls.openSync(real, FLAG.read | FLAG.noWait));
    try {
      this.stat = this.fstat();
      this.bytes = this.checkStat();
      this.identity = `${this.stat.dev}:${this.stat.ino}`;
      this.warnings = warningsOf(path, real, this.stat);
      const first = this.read(0, Math.min(this.bytes, 64));
      if (isLfsPointer(first)) {
        throw new IoError("E_IO_LFS_POINTER", path, {
          path,
          expected: "the file itself",
          actual: "the pointer that git-LFS leaves in its place",
          hint: "Run: git lfs pull.",
        });
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** What the file seems to be, from its first bytes, where that is a well-known kind: "a web page", "a zip archive". */
  looksLike(): string | undefined {
    return looksLike(this.read(0, Math.min(this.bytes, 64)));
  }

  /** Bytes [offset, offset + length) in an array of their own. Throws as `readInto`, and LimitError E_MEM_ALLOC. */
  read(offset: number, length: number): Uint8Array {
    const bytes = allocate(length, this.path);
    this.readInto(bytes, offset);
    return bytes;
  }

  /** All of its bytes. Throws IoError E_IO_CHANGED; LimitError with `code`, E_LIMIT_CONFIG for example, where they are more than `most`. */
  whole(most: number, code: string): Uint8Array {
    if (this.bytes <= most) {
      const bytes = this.read(0, this.bytes);
      this.checkUnchanged(); // else a file that grows meanwhile would be taken for its beginning
      this.checkEnd();
      return bytes;
    }
    const kind = this.looksLike();
    throw new LimitError(code, this.path, {
      path: this.path,
      expected: `at most ${most} bytes`,
      actual: `${this.bytes}`,
      hint: kind === undefined ? "Is this the right file?" : `It looks like ${kind}.`,
    });
  }

  /**
   * Fills `into` with the bytes from `offset` on, however many calls that takes.
   *
   * throws   IoError E_IO_EOF where the file ends before, E_IO_READ if the system refuses (after 3 attempts, where it
   *          says to try again), E_IO_CLOSED
   */
  readInto(into: Uint8Array, offset: number): void {
    if (!Number.isSafeInteger(offset) || offset < 0) {
      throw new UsageError("E_ARG_OFFSET", this.path, { expected: "an offset from 0", actual: `${offset}` });
    }
    const fd = this.open();
    for (let done = 0; done < into.length;) {
      const length = Math.min(into.length - done, MOST_PER_READ);
      const count = this.attempt(offset + done, () => this.io.readSync(fd, into, done, length, offset + done));
      if (count === 0) throw this.endOfFile(offset, into.length, offset + done);
      done += count;
    }
  }

  /**
   * Throws IoError E_IO_CHANGED if the file's length or its times of change are not those it was opened with. A file
   * that was deleted or replaced under its name is still whole for us, which its number of links tells.
   */
  checkUnchanged(): void {
    const [was, now] = [this.stat, this.fstat()];
    const moved = now.nlink !== was.nlink;
    if (now.size === was.size && now.mtimeNs === was.mtimeNs && (now.ctimeNs === was.ctimeNs || moved)) {
      this.stat = now;
      return;
    }
    throw this.changed(now.size === was.size ? "the same number, written again" : `${now.size}`);
  }

  /** Throws IoError E_IO_CHANGED if there is anything after the bytes that the file was said to have. */
  private checkEnd(): void {
    const fd = this.open();
    const more = this.attempt(this.bytes, () => this.io.readSync(fd, new Uint8Array(1), 0, 1, this.bytes));
    if (more > 0) throw this.changed("more");
  }

  private changed(actual: string): IoError {
    return new IoError("E_IO_CHANGED", this.path, {
      path: this.path,
      expected: `the ${this.stat.size} bytes that it had when it was opened`,
      actual,
      hint: "Let nothing write to a model in use; then run it again.",
    });
  }

  /** The open file's number, for the system's calls. Throws IoError E_IO_CLOSED. */
  get descriptor(): number {
    return this.open();
  }

  /** Closes the file; again is no error. Reading after that throws IoError E_IO_CLOSED. */
  close(): void {
    const { fd } = this;
    this.fd = undefined;
    try {
      if (fd !== undefined) this.io.closeSync(fd);
    } catch {
      // what was read is read, and the number is free even where the system complains
    }
  }

  private open(): number {
    if (this.fd !== undefined) return this.fd;
    throw new IoError("E_IO_CLOSED", this.path, { path: this.path, expected: "an open file", actual: "a closed one" });
  }

  private fstat(): BigIntStats {
    const fd = this.open();
    return this.call("E_IO_READ", "a file that can be examined", () => this.io.fstatSync(fd, { bigint: true }));
  }

  /** The file's length, if it is a regular file. */
  private checkStat(): number {
    const { path, stat } = this;
    if (!stat.isFile()) {
      throw new IoError("E_IO_NOT_REGULAR", path, {
        path,
        expected: "a regular file",
        actual: stat.isDirectory() ? "a folder" : "a device, pipe or socket",
        hint: "Give the file itself.",
      });
    }
    if (stat.size <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(stat.size);
    throw new LimitError("E_LIMIT_FILE_SIZE", path, {
      path,
      expected: "fewer than 2^53 bytes",
      actual: `${stat.size}`,
    });
  }

  /** One read, again where the system says that it was interrupted. */
  private attempt(offset: number, read: () => number): number {
    for (let attempts = 1; ; attempts++) {
      try {
        return read();
      } catch (error) {
        const code = errorCode(error);
        if ((code === "EINTR" || code === "EAGAIN") && attempts <= RETRIES) continue;
        throw this.failed("E_IO_READ", "bytes that can be read", error, offset);
      }
    }
  }

  private call<R>(code: string, expected: string, run: () => R): R {
    try {
      return run();
    } catch (error) {
      throw this.failed(code, expected, error);
    }
  }

  private failed(code: string, expected: string, cause: unknown, offset?: number): IoError {
    const { path } = this;
    const actual = errorCode(cause) ?? String(cause);
    return new IoError(code, path, { path, offset, expected, actual, hint: ADVICE.get(actual), cause });
  }

  private endOfFile(offset: number, length: number, end: number): IoError {
    return new IoError("E_IO_EOF", this.path, {
      path: this.path,
      offset,
      expected: `${length} bytes`,
      actual: `${end - offset}, where the file ends`,
      hint: "The file is shorter than it was or should be; get it again.",
    });
  }
}

/** What may be wrong with a file that is there. Hugging Face's cache may link its files (its folder "blobs"). */
function warningsOf(path: string, real: string, { size, blocks, nlink }: BigIntStats): string[] {
  const sparse = size >= BigInt(SPARSE_FROM) && blocks * 512n < size;
  const linked = nlink > 1n && !/[/\\]blobs[/\\][^/\\]*$/.test(real);
  return [
    ...(sparse ? [`${path}: W_SPARSE: parts of the file were never written and read as zeros.`] : []),
    ...(linked ? [`${path}: W_HARD_LINK: the file has ${nlink} names; who writes to another of them changes it.`] : []),
  ];
}

/** What to do about the system's more common errors. */
export const ADVICE: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "There is no such file; check the path."],
  ["ENOTDIR", "There is no such file; check the path."],
  ["EACCES", "You have no permission to read it."],
  ["EPERM", "You have no permission to read it."],
  ["ELOOP", "Its links lead in a circle."],
  ["EMFILE", "Too many files are open; raise the limit (ulimit -n)."],
  ["ENFILE", "Too many files are open on this machine."],
  ["EIO", "The disk could not be read; check it, or copy the file elsewhere."],
]);

/**
 * The system's name of an error, "ENOENT", where it has one. libuv does not know all of them: Node calls a quota that is
 * used up "Unknown system error -122", and has its name, EDQUOT, in another place.
 */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error && "code" in error && typeof error.code === "string")) return undefined;
  const number = Number(/^Unknown system error -(\d+)$/.exec(error.code)?.[1]);
  const named = Object.entries(constants.errno).find(([, value]) => value === number);
  return named?.[0] ?? error.code;
}

/** Throws UsageError E_PATH_INVALID for a path that no file can have: empty, or with NUL or half a surrogate pair. */
export function checkPath(path: string): void {
  if (path !== "" && !/[\0\p{Cs}]/u.test(path)) return;
  throw new UsageError("E_PATH_INVALID", "path", {
    expected: "the path of a file",
    actual: quote(path),
    hint: path === "" ? "Give its name." : "Such a name no file has.",
  });
}

/** An array of zeros. Throws LimitError E_MEM_ALLOC where there is no memory for it. */
export function allocate(length: number, where: string): Uint8Array {
  try {
    return io().allocate(length);
  } catch (cause) {
    throw new LimitError("E_MEM_ALLOC", where, {
      expected: `${length} bytes of memory`,
      actual: "less",
      hint: "Close other programs, or use a smaller model.",
      cause,
    });
  }
}

/** A whole file of at most `most` bytes. Throws as InputFile and its `whole` do. */
export function readWhole(path: string, most: number, code: string): Uint8Array {
  const file = new InputFile(path);
  try {
    return file.whole(most, code);
  } finally {
    file.close();
  }
}
