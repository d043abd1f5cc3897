/** Weights by positional reads: no native code, every fault an error, and the memory of one window. */
import { AHEAD, Ahead, type AheadOptions } from "./ahead.ts";
import { allocate, type InputFile } from "./input.ts";
import { checkIdle, checkWindow, type Course, type TensorInfo, toKeep, type WeightSource } from "./source.ts";

export interface PreadOptions {
  /** How many bytes of weights may stay in memory; 0 unless told. `toKeep` says which, once a course is told. */
  readonly pin?: number | undefined;
  /** How much is read ahead of a course. */
  readonly ahead?: AheadOptions | undefined;
}

/** Whether a thread can read into memory of this one; a page may be without it. */
const SHARES = typeof SharedArrayBuffer !== "undefined";

/** Larger buffers are given back after use. */
const KEPT_BUFFER = 1 << 26;

/**
 * A WeightSource that reads. A window is read into a buffer that the next window uses again, and begins at an address
 * that suits every number format; a window asked for while another is in use gets a buffer of its own. After every read
 * the file is checked for changes. Once a course is told, a thread reads ahead of it, where more than it can hold ahead
 * is to be read again and again.
 */
export class PreadSource implements WeightSource {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** What its files warn of, one sentence each. */
  readonly warnings: readonly string[];
  private readonly files: ReadonlyMap<string, InputFile>;
  pin: number;
  elsewhere = 0;
  private readonly reach: AheadOptions;
  /** The tensors that stay in memory, each from its first use on. */
  private keeps: ReadonlySet<TensorInfo> = new Set();
  private readonly kept = new Map<TensorInfo, Uint8Array>();
  private ahead: Ahead | undefined;
  private readonly buffers: Uint8Array[] = [];
  /** Windows in use now. */
  private depth = 0;

  /** Takes over the open files, which must hold the tensors at the paths that these name. */
  constructor(files: readonly InputFile[], tensors: Iterable<TensorInfo>, options: PreadOptions = {}) {
    this.files = new Map(files.map((file) => [file.path, file]));
    this.tensors = new Map([...tensors].map((info) => [info.name, info]));
    this.warnings = files.flatMap(({ warnings }) => warnings);
    this.pin = options.pin ?? 0;
    this.reach = options.ahead ?? AHEAD;
  }

  expect(course: Course): void {
    this.ahead?.stop();
    this.keeps = toKeep(course, this.pin);
    const own = course.walked.filter((info) => !this.keeps.has(info));
    const others = toKeep({ walked: own, used: [] }, this.elsewhere);
    const read = own.filter((info) => !others.has(info));
    const bytes = read.reduce((sum, info) => sum + info.bytes, 0);
    const { slots, bytes: slot } = this.reach;
    this.ahead = bytes > slots * slot && SHARES ? new Ahead(this.files, read, this.reach) : undefined;
  }

  window<R>(info: TensorInfo, from: number, length: number, use: (bytes: Uint8Array) => R): R {
    checkWindow(info, from, length, this.files);
    this.depth++;
    try {
      const kept = this.keep(info);
      if (kept !== undefined) return use(kept.subarray(from, from + length));
      const ready = this.depth === 1 ? this.ahead?.lend(info, from, length) : undefined;
      if (ready !== undefined) return use(ready);
      const bytes = this.buffer(length);
      this.fill(bytes, info, from);
      return use(bytes);
    } finally {
      this.depth--;
    }
  }

  /** Windows after that throw IoError E_IO_CLOSED. Throws QwqError E_INTERNAL inside a window; again is no error. */
  close(): void {
    checkIdle(this.depth);
    this.ahead?.stop();
    this.ahead = undefined;
    this.kept.clear();
    this.buffers.length = 0;
    for (const file of this.files.values()) file.close();
  }

  /** The whole tensor, where it stays in memory. */
  private keep(info: TensorInfo): Uint8Array | undefined {
    const kept = this.kept.get(info);
    if (kept !== undefined || !this.keeps.has(info)) return kept;
    const bytes = allocate(info.bytes, info.path);
    this.fill(bytes, info, 0);
    this.kept.set(info, bytes);
    return bytes;
  }

  private fill(bytes: Uint8Array, info: TensorInfo, from: number): void {
    const file = this.files.get(info.path)!;
    file.readInto(bytes, info.offset + from);
    file.checkUnchanged();
  }

  /** `length` bytes that no other window in use has. */
  private buffer(length: number): Uint8Array {
    const level = this.depth - 1;
    let buffer = this.buffers[level];
    if (buffer === undefined || buffer.length < length) {
      buffer = allocate(length, "weights");
      if (length <= KEPT_BUFFER) this.buffers[level] = buffer;
    }
    return buffer.subarray(0, length);
  }
}
