/** Reading files cold, and running a model from them: for streaming.ts and full-speed.ts. Linux with koffi. */
import { execFileSync } from "node:child_process";
import { closeSync, openSync, readSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { totals, watched } from "../../test/support/watched.ts";

const root = join(import.meta.dirname, "../..");

export interface Reading {
  readonly bytes: number;
  readonly seconds: number;
  readonly bytesPerSecond: number;
  readonly peakBytes?: number;
}

export function reading(bytes: number, seconds: number, peakBytes?: number): Reading {
  return { bytes, seconds, bytesPerSecond: bytes / seconds, ...(peakBytes === undefined ? {} : { peakBytes }) };
}

/** Has the system drop what it holds of the files. */
export function forget(paths: readonly string[]): void {
  interface Koffi {
    load(library: string): { func(prototype: string): (...values: unknown[]) => unknown };
  }
  const koffi = createRequire(import.meta.url)("koffi") as Koffi;
  const advise = koffi.load("libc.so.6").func("int posix_fadvise(int fd, int64_t offset, int64_t bytes, int advice)");
  const POSIX_FADV_DONTNEED = 4;
  for (const path of paths) {
    const fd = openSync(path, "r");
    if (advise(fd, 0, 0, POSIX_FADV_DONTNEED) !== 0) throw new Error("posix_fadvise failed");
    closeSync(fd);
  }
}

/** Every file from its beginning to its end into one buffer of 8 MiB, nothing of them in the system's cache before. */
export function plain(paths: readonly string[]): Reading {
  forget(paths);
  const buffer = new Uint8Array(1 << 23);
  const start = performance.now();
  let bytes = 0;
  for (const path of paths) {
    const fd = openSync(path, "r");
    for (let count = 1; count > 0; bytes += count) count = readSync(fd, buffer);
    closeSync(fd);
  }
  return reading(bytes, (performance.now() - start) / 1000);
}

/** The same in a process of its own that the command `through` starts, as it does `run`'s. */
export function plainThrough(paths: readonly string[], through: readonly string[]): Reading {
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  const [program = "", ...args] = [...through, process.execPath, tsx, import.meta.filename, ...paths];
  return JSON.parse(execFileSync(program, args, { encoding: "utf8" })) as Reading;
}

/** What `run` runs. */
export interface Model {
  readonly path: string;
  readonly files: readonly string[];
  /** Bytes that a token needs of them. */
  readonly perToken: number;
}

/**
 * `qwq run` with 3 GiB promised for a context of 4,096 and these further options, from the first layer to the first new
 * token, by the command's own clock; the prompt's ids lie in `folder` meanwhile. `through` is a command that starts it.
 */
export async function run(
  { path, files, perToken }: Model,
  ids: readonly number[],
  further: readonly string[],
  folder: string,
  through: readonly string[] = [],
): Promise<Reading> {
  forget(files);
  const file = join(folder, "ids.json");
  writeFileSync(file, JSON.stringify(ids));
  const main = join(root, "dist/src/cli/main.js");
  const options = ["--greedy", "--max-tokens", "1", "--json", "--memory", "3GiB", "--context", "4096", ...further];
  const [program = "", ...args] = [...through, process.execPath, main, "run", "-m", path, "--ids", file, ...options];
  const done = await watched(program, args);
  if (done.code !== 0) throw new Error(done.stderr);
  const end = JSON.parse(done.stdout.trim().split("\n").at(-1)!) as { timings: Record<string, number> };
  const seconds = end.timings["promptSeconds"]! + end.timings["seconds"]!;
  return reading(perToken, seconds, totals(done.samples).peakBytes);
}

if (process.argv[1] === import.meta.filename) console.log(JSON.stringify(plain(process.argv.slice(2))));
