/**
 * Files of a model's folder by name, and no others: a name in an index, or a link in a downloaded folder, must not make
 * the loader open what lies elsewhere.
 */
import { basename, dirname, join, sep } from "node:path";
import { FormatError, IoError } from "../errors.ts";
import { ADVICE, checkPath, errorCode, InputFile } from "./input.ts";
import { io, type Stats } from "./io.ts";
import { quote } from "../json/quote.ts";

/**
 * Where the file `name` of `folder` really lies, once every link is followed. That must be inside the folder; or, where
 * the folder is a snapshot in Hugging Face's cache (`<repo>/snapshots/<revision>`), inside `<repo>/blobs`, to which such
 * a folder's links lead.
 *
 * throws   FormatError E_PATH_ESCAPE if it lies elsewhere or `name` is more than a name; IoError E_IO_OPEN if there is
 *          no such file; UsageError E_PATH_INVALID
 */
export function inside(folder: string, name: string): string {
  const path = join(folder, name);
  checkPath(path);
  if (name === "" || name === "." || name === ".." || /[/\\:]/.test(name)) throw escapes(path, quote(name));
  const [home, file] = [follow(folder), follow(path)];
  if (file.startsWith(home + sep)) return file;
  const repository = dirname(dirname(home));
  const cached = basename(dirname(home)) === "snapshots" && dirname(file) === join(repository, "blobs");
  if (cached) return file;
  throw escapes(path, quote(file));
}

/** Opens that file. Throws as `inside` and InputFile do. */
export function openInside(folder: string, name: string): InputFile {
  return new InputFile(join(folder, name), inside(folder, name));
}

/** Reads that file whole, if it has at most `most` bytes. Throws as `openInside` does; LimitError with `code`. */
export function readInside(folder: string, name: string, most: number, code: string): Uint8Array {
  const file = openInside(folder, name);
  try {
    return file.whole(most, code);
  } finally {
    file.close();
  }
}

/** The names in a folder. Throws IoError E_IO_OPEN. */
export function namesIn(folder: string, hint?: string): ReadonlySet<string> {
  try {
    return new Set(io().readdirSync(folder));
  } catch (cause) {
    const actual = errorCode(cause);
    const advice = hint ?? ADVICE.get(actual ?? "");
    const details = { path: folder, expected: "a folder that can be read", actual, hint: advice, cause };
    throw new IoError("E_IO_OPEN", folder, details);
  }
}

/** What the system says of a file, links followed; undefined if there is none. Throws IoError E_IO_READ. */
export function examine(path: string): Stats | undefined {
  try {
    return io().statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    const actual = errorCode(cause);
    const details = { path, expected: "a file that can be examined", actual, hint: ADVICE.get(actual ?? ""), cause };
    throw new IoError("E_IO_READ", path, details);
  }
}

function follow(path: string): string {
  try {
    return io().realpathSync(path);
  } catch (cause) {
    const actual = errorCode(cause) ?? String(cause);
    throw new IoError("E_IO_OPEN", path, {
      path,
      expected: "a file that can be opened",
      actual,
      hint: ADVICE.get(actual) ?? "Check the path.",
      cause,
    });
  }
}

function escapes(path: string, actual: string): FormatError {
  return new FormatError("E_PATH_ESCAPE", path, {
    path,
    expected: "a file inside the model's folder",
    actual,
    hint: "If you trust it, copy the file into the folder.",
  });
}
