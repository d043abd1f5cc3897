/** Whether a checkpoint's files are mapped or read: what is safe, and what was asked for. */
import { statfsSync } from "node:fs";
import { QwqError } from "../errors.ts";
import type { InputFile } from "./input.ts";
import type { MapCalls } from "./io.ts";
import { impossible, mapCalls } from "./mmap.ts";
import { MmapSource } from "./mmap-source.ts";
import { type PreadOptions, PreadSource } from "./pread.ts";
import type { TensorInfo, WeightSource } from "./source.ts";

/** How weights come into memory. The bytes are the same. */
export type Way = "auto" | "mmap" | "pread";

export interface SourceOptions extends PreadOptions {
  /**
   * "pread" unless told. "mmap" maps the files or says why it cannot. "auto" maps them where it is safe: on Linux, with
   * koffi, files on a local disk, of 64 MiB or more together; else it reads them. A mapped file that another process
   * cuts short while it is in use can end this process by SIGBUS; the command runs in a child for that reason.
   */
  readonly io?: Way | undefined;
}

/** A source, and what its files warn of, one sentence each. */
export interface OpenSource extends WeightSource {
  readonly warnings: readonly string[];
}

export interface Opened {
  readonly source: OpenSource;
  /** "mapped", or "read" with the reason where "auto" would have mapped: one sentence. */
  readonly how: string;
}

/** Below these bytes a model is read in a moment, and the mapping gains nothing. */
const LEAST = 1 << 26;

/** Filesystems on this machine's own disks, by statfs's type: other machines change and fail in more ways. */
const LOCAL: ReadonlyMap<number, string> = new Map([
  [0xef53, "ext"],
  [0x58465342, "xfs"],
  [0x9123683e, "btrfs"],
  [0xf2f52010, "f2fs"],
  [0x2fc12fc1, "zfs"],
  [0xca451a4e, "bcachefs"],
  [0x01021994, "tmpfs"],
  [0x794c7630, "overlay"],
]);

/**
 * The tensors of open files. Takes the files over, and closes them where it throws.
 *
 * throws   with "mmap": UsageError E_ARG_IO where nothing can be mapped here, IoError E_IO_MAP where the system refuses
 *          this file; IoError E_IO_CHANGED
 */
export function openSource(
  files: readonly InputFile[],
  tensors: readonly TensorInfo[],
  options: SourceOptions = {},
  calls: () => MapCalls = mapCalls,
): Opened {
  const { io = "pread" } = options;
  const read = (why: string) => ({ source: new PreadSource(files, tensors, options), how: `Weights are read${why}.` });
  if (io === "pread") return read("");
  if (io === "auto") {
    const unsafe = whyNot(files);
    if (unsafe !== undefined) return read(`, not mapped: ${unsafe}`);
  }
  try {
    if (files.some(({ bytes }) => bytes === 0)) throw impossible("an empty one");
    return { source: new MmapSource(files, tensors, options, calls()), how: "Weights are mapped." };
  } catch (error) {
    const refused = error instanceof QwqError && (error.code === "E_ARG_IO" || error.code === "E_IO_MAP");
    if (io !== "mmap" && refused) return read(`, not mapped: ${error.actual}`);
    for (const file of files) file.close();
    throw error;
  }
}

/** Why "auto" does not even try. */
function whyNot(files: readonly InputFile[]): string | undefined {
  if (process.platform !== "linux") return "this is not Linux";
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes < LEAST) return `${bytes} bytes are few`;
  const remote = files.find((file) => !isLocal(file));
  return remote === undefined ? undefined : `${remote.path} is not on a filesystem known to be local`;
}

/** Whether the file itself, wherever links led, is on a local filesystem. */
function isLocal({ descriptor }: InputFile): boolean {
  try {
    return LOCAL.has(statfsSync(`/proc/self/fd/${descriptor}`).type);
  } catch {
    return false;
  }
}
