/**
 * The system's calls for mapping files, by koffi, which is optional: nothing else here names it, and it is loaded when
 * the first file is to be mapped.
 *
 * source   Linux manual pages mmap(2), madvise(2), munmap(2)
 */
import { createRequire } from "node:module";
import { UsageError } from "../errors.ts";
import { io, type MapCalls } from "./io.ts";

/** The part of koffi that is used, described here so that this compiles without it. */
interface Koffi {
  load(library: string): { func(prototype: string): Call };
  errno(): number;
  view(address: bigint, bytes: number): ArrayBuffer;
  config(settings?: Readonly<Record<string, number>>): Readonly<Record<string, number>>;
}

/** A function of the system's, and the same on another thread. */
interface Call {
  (...values: readonly unknown[]): unknown;
  /** The last value is what is called at the end. */
  async(...values: readonly unknown[]): void;
}

/**
 * Calls that may be under way at once. Koffi counts one as such until the event loop turns, which it does not while a
 * model computes: a pass over QwQ-32B makes some 2,000. Its own bound is 256, and the next one throws.
 */
const MOST_LATER = 4096;
const PROT_READ = 1;
const MAP_SHARED = 1;

let loaded: MapCalls | undefined;

/** Throws UsageError E_ARG_IO where files cannot be mapped here: another system than Linux, or no koffi. */
export function mapCalls(): MapCalls {
  return io().mapCalls?.() ?? (loaded ??= load());
}

function load(): MapCalls {
  if (process.platform !== "linux") throw impossible(`${process.platform}, where this version maps no files`);
  try {
    return bind(createRequire(import.meta.url)("koffi") as Koffi);
  } catch (cause) {
    throw impossible(`no koffi (${String(cause).split("\n")[0]})`, cause);
  }
}

function bind(koffi: Koffi): MapCalls {
  // Another thread of this process may have done so already, and after the first library it cannot be done again.
  if (koffi.config()["max_async_calls"]! < MOST_LATER) koffi.config({ max_async_calls: MOST_LATER });
  const libc = koffi.load("libc.so.6");
  const mmap = libc.func("void *mmap(void *address, size_t bytes, int protection, int flags, int fd, int64_t offset)");
  const madvise = libc.func("int madvise(void *address, size_t bytes, int advice)");
  const munmap = libc.func("int munmap(void *address, size_t bytes)");
  return {
    pageSize: libc.func("int getpagesize()")() as number,
    mmap: (fd, bytes) => mmap(null, bytes, PROT_READ, MAP_SHARED, fd, 0),
    madvise: (address, bytes, advice) => madvise(address, bytes, advice) as number,
    madviseLater(address, bytes, advice) {
      try {
        madvise.async(address, bytes, advice, () => {});
      } catch {
        // too many are under way: the page is read when it is needed
      }
    },
    munmap: (address, bytes) => munmap(address, bytes) as number,
    errno: () => koffi.errno(),
    view: (address, bytes) => koffi.view(address, bytes),
  };
}

/** What is said where files cannot be mapped. */
export function impossible(actual: string, cause?: unknown): UsageError {
  const hint = "Read them instead: --io=pread.";
  return new UsageError("E_ARG_IO", "mmap", { expected: "files that can be mapped", actual, hint, cause });
}
