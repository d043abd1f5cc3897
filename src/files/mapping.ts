/**
 * One file in memory by mmap, behind every guard: a wrong view, a view past the end of the file, or a page that cannot
 * be read would end the process, not throw.
 */
import { getSystemErrorName } from "node:util";
import { IoError, LimitError, QwqError } from "../errors.ts";
import type { InputFile } from "./input.ts";
import type { MapCalls } from "./io.ts";

/** What mmap returns where it failed. Seen as memory, it ends the process. */
const MAP_FAILED = 2n ** 64n - 1n;
const MADV_DONTNEED = 4;
/** Linux 5.14. Reads pages in and says EFAULT where touching them would be a SIGBUS. */
const MADV_POPULATE_READ = 22;
const RETRIES = 3;
/**
 * A view begins at every multiple of this and is twice as long, so that a window of up to this length lies within one;
 * 2^32 bytes are the most that Node 20 can view, and a longer view aborts it.
 */
export const SPAN = 2 ** 31;

export class Mapping {
  private readonly file: InputFile;
  private readonly calls: MapCalls;
  /** Few, and as long-lived as the mapping: each costs the collector work. */
  private readonly views = new Map<number, ArrayBuffer>();
  private address: bigint | undefined;

  /** Throws IoError E_IO_MAP where the system refuses, E_IO_CHANGED. The file stays the caller's. */
  constructor(file: InputFile, calls: MapCalls) {
    this.file = file;
    this.calls = calls;
    file.checkUnchanged(); // mapping past the end succeeds and fails later
    const address = calls.mmap(file.descriptor, file.bytes);
    if (typeof address !== "bigint" || address <= 0n || address === MAP_FAILED) throw this.refused();
    this.address = address;
    if (this.advise(0, 1, MADV_POPULATE_READ) === 0) return;
    const error = this.refused();
    this.close();
    throw error;
  }

  /** Bytes [from, from + length), which `populate` must have read in. They must not be kept. */
  bytes(from: number, length: number): Uint8Array {
    this.check(from, length);
    if (length === 0) return new Uint8Array(0);
    const start = Math.floor(from / SPAN) * SPAN;
    return new Uint8Array(this.view(start), from - start, length);
  }

  /**
   * Reads the pages of [from, from + length) in, or finds that they are in memory.
   *
   * throws   IoError E_IO_CHANGED where the file is not what it was, E_IO_READ where the disk fails
   */
  populate(from: number, length: number): void {
    this.check(from, length);
    if (length === 0) return;
    for (let attempts = 1; this.advise(from, length, MADV_POPULATE_READ) !== 0; attempts++) {
      const code = this.errorName();
      if ((code === "EINTR" || code === "EAGAIN") && attempts <= RETRIES) continue;
      this.file.checkUnchanged();
      throw new IoError("E_IO_READ", this.file.path, {
        path: this.file.path,
        offset: from,
        expected: "bytes that can be read",
        actual: code,
        hint: "The disk could not be read; check it, or copy the file elsewhere.",
      });
    }
  }

  /** Has another thread read these pages in. No promise: `populate` waits for them and says what came of it. */
  prefetch(from: number, length: number): void {
    this.check(from, length);
    const { first, bytes } = this.pages(from, length);
    if (length > 0) this.calls.madviseLater(this.base() + BigInt(first), bytes, MADV_POPULATE_READ);
  }

  /** Takes the whole pages within these bytes out of the process; the system may keep them in its cache. */
  release(from: number, length: number): void {
    this.check(from, length);
    const { pageSize } = this.calls;
    const first = Math.ceil(from / pageSize) * pageSize;
    const end = Math.floor((from + length) / pageSize) * pageSize;
    if (end > first) this.advise(first, end - first, MADV_DONTNEED);
  }

  /**
   * Ends it; again is no error. Where views cannot be taken back (before Node 21) the addresses stay taken, so that a
   * view that somebody kept never shows another's memory; the memory itself is given back.
   */
  close(): void {
    const { address } = this;
    if (address === undefined) return;
    this.advise(0, this.file.bytes, MADV_DONTNEED);
    this.address = undefined;
    const views = [...this.views.values()] as (ArrayBuffer & { transfer?: (bytes: number) => ArrayBuffer })[];
    if (views.some(({ transfer }) => transfer === undefined)) return;
    for (const view of views) view.transfer?.(0);
    this.views.clear();
    this.calls.munmap(address, this.file.bytes);
  }

  private view(start: number): ArrayBuffer {
    const address = this.base() + BigInt(start);
    let view = this.views.get(start);
    if (view === undefined) {
      const length = Math.min(2 * SPAN, this.file.bytes - start);
      view = this.calls.view(address, length);
      if (view.byteLength !== length) throw wrong(this.file.path, `a view of ${length} bytes`, `${view.byteLength}`);
      this.views.set(start, view);
    }
    return view;
  }

  private advise(from: number, length: number, advice: number): number {
    const { first, bytes } = this.pages(from, length);
    return this.calls.madvise(this.base() + BigInt(first), bytes, advice);
  }

  /** The same with the rest of the page before them. */
  private pages(from: number, length: number): { first: number; bytes: number } {
    const first = from - (from % this.calls.pageSize);
    return { first, bytes: from - first + length };
  }

  private base(): bigint {
    if (this.address !== undefined) return this.address;
    const { path } = this.file;
    throw new IoError("E_IO_CLOSED", path, { path, expected: "an open file", actual: "a closed one" });
  }

  private check(from: number, length: number): void {
    const { path, bytes } = this.file;
    const whole = Number.isSafeInteger(from) && Number.isSafeInteger(length) && from >= 0 && length >= 0;
    if (!whole || from + length > bytes) {
      throw wrong(path, `a window within ${bytes} bytes`, `${length} bytes from ${from} on`);
    }
    if (length <= SPAN) return;
    throw new LimitError("E_LIMIT_WINDOW", path, {
      path,
      expected: `at most ${SPAN} bytes at once`,
      actual: `${length}`,
      hint: "Ask for fewer rows, or read the file: --io=pread.",
    });
  }

  private refused(): IoError {
    const { path } = this.file;
    const [expected, hint] = ["a file that can be mapped", "Read it instead: --io=pread."];
    return new IoError("E_IO_MAP", path, { path, expected, actual: this.errorName(), hint });
  }

  private errorName(): string {
    const errno = this.calls.errno();
    return errno > 0 ? getSystemErrorName(-errno) : "no address";
  }
}

function wrong(path: string, expected: string, actual: string): QwqError {
  return new QwqError("E_INTERNAL", path, { path, expected, actual, hint: "This is a bug; report it." });
}
