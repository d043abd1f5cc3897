/**
 * One folder, and nothing outside it: whatever a path says, whatever links lie there, and whoever exchanges them meanwhile.
 * The folder's own links are followed where they stay inside. What was opened is asked where it really lies before a byte
 * of it is read.
 */
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { IoError, LimitError, UsageError } from "../errors.ts";
import { errorCode, InputFile } from "./input.ts";
import { FLAG, io } from "./io.ts";
import { cannotWrite, writeAtomically } from "./output.ts";

const MOST_BYTES = 4 * 2 ** 20;
const MOST_NAMES = 1000;

export class Enclosure {
  /** The folder's real path. */
  readonly root: string;

  /** Throws IoError E_IO_OPEN, E_IO_NOT_FOLDER. */
  constructor(folder: string) {
    this.root = attempt(folder, () => io().realpathSync(folder));
    if (io().statSync(this.root, { throwIfNoEntry: false })?.isDirectory() === true) return;
    throw new IoError("E_IO_NOT_FOLDER", folder, {
      path: folder,
      expected: "a folder",
      actual: "something else",
      hint: "Give the folder that the files are in.",
    });
  }

  /** Names in a folder, in order, folders with "/" at their end. Throws as `real`; LimitError E_LIMIT_NAMES. */
  list(path: string): string[] {
    const folder = this.real(path);
    const names = attempt(path, () => io().readdirSync(folder)).sort();
    if (names.length > MOST_NAMES) {
      throw new LimitError("E_LIMIT_NAMES", path, {
        expected: `at most ${MOST_NAMES} names`,
        actual: `${names.length}`,
      });
    }
    const isFolder = (name: string) => io().lstatSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory();
    return names.map((name) => (isFolder(name) ? `${name}/` : name)); // of a link nothing is told of what it leads to
  }

  /** A file's text. Throws as `real` and InputFile; LimitError E_LIMIT_INPUT above 4 MiB. */
  read(path: string): string {
    const file = new InputFile(path, this.real(path), {
      ...io(),
      openSync: (real, flags) => this.open(path, real, flags),
    });
    try {
      return new TextDecoder().decode(file.whole(MOST_BYTES, "E_LIMIT_INPUT"));
    } finally {
      file.close();
    }
  }

  /** Writes a file, and the folders on the way to it. Throws UsageError E_PATH_OUTSIDE; IoError E_OUT_WRITE. */
  write(path: string, text: string): void {
    const target = this.inside(path);
    const folder = this.existing(dirname(target));
    this.check(
      path,
      attempt(path, () => io().realpathSync(folder)),
    );
    if (dirname(target) !== folder) {
      try {
        io().mkdirSync(dirname(target), { recursive: true });
      } catch (cause) {
        throw cannotWrite(path, cause);
      }
    }
    const real = join(
      attempt(path, () => io().realpathSync(dirname(target))),
      target.slice(dirname(target).length + 1),
    );
    this.check(path, real);
    if (io().lstatSync(real, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new UsageError("E_PATH_OUTSIDE", path, {
        expected: "a file",
        actual: "a link, which is not written through",
      });
    }
    writeAtomically(real, (put) => put(new TextEncoder().encode(text)));
  }

  /** Where a path leads, links followed. Throws UsageError E_PATH_OUTSIDE; IoError E_IO_OPEN. */
  private real(path: string): string {
    const real = attempt(path, () => io().realpathSync(this.inside(path)));
    this.check(path, real);
    return real;
  }

  /** The path as its words say, before any link is followed. */
  private inside(path: string): string {
    if (path.includes("\0")) throw outside(path);
    const full = isAbsolute(path) ? path : join(this.root, path);
    this.check(path, full);
    return full;
  }

  private check(path: string, full: string): void {
    const way = relative(this.root, full);
    if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) throw outside(path);
  }

  /** The nearest folder above that is there. */
  private existing(folder: string): string {
    for (let at = folder; ; at = dirname(at))
      if (io().lstatSync(at, { throwIfNoEntry: false }) !== undefined) return at;
  }

  /** Opens without following a link in the last place, and asks the system where what was opened lies. */
  private open(path: string, real: string, flags: string | number): number {
    const fd = io().openSync(real, typeof flags === "number" ? flags | FLAG.noFollow : flags);
    try {
      const at = quietRealpath(`/proc/self/fd/${fd}`);
      if (at !== undefined) this.check(path, at);
      return fd;
    } catch (error) {
      io().closeSync(fd);
      throw error;
    }
  }
}

function quietRealpath(path: string): string | undefined {
  try {
    return io().realpathSync(path);
  } catch {
    return undefined; // a system without /proc: the path was checked, and no link is followed
  }
}

function outside(path: string): UsageError {
  return new UsageError("E_PATH_OUTSIDE", path.slice(0, 200), {
    expected: "a path within the folder",
    actual: "one that leads out of it",
  });
}

function attempt<R>(path: string, use: () => R): R {
  try {
    return use();
  } catch (cause) {
    const actual = errorCode(cause);
    if (actual === undefined) throw cause;
    throw new IoError("E_IO_OPEN", path, {
      path,
      expected: "something that is there",
      actual,
      hint: "Check the path.",
      cause,
    });
  }
}
