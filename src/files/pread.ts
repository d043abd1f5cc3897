/** Weights by positional reads: no native code, every fault an error, and the memory of one window. */
import { allocate, type InputFile } from "./input.ts";
import { checkIdle, checkWindow, type TensorInfo, type WeightSource } from "./source.ts";

export interface PreadOptions {
  /**
   * How many bytes of weights may stay in memory; 0 unless told. Whole tensors are kept, in the order of their first use,
   * as long as they fit: a model that fits is read once. A larger one saves the share that was kept, where a cache of
   * what was used last would save nothing, since each token needs every weight once.
   */
  readonly pin?: number;
}

/** Larger buffers are given back after use. */
const KEPT_BUFFER = 1 << 26;

/**
 * A WeightSource that reads. A window is read into a buffer that the next window uses again, and begins at an address
 * that suits every number format; a window asked for while another is in use gets a buffer of its own. After every read
 * the file is checked for changes.
 */
export class PreadSource implements WeightSource {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** What its files warn of, one sentence each. */
  readonly warnings: readonly string[];
  private readonly files: ReadonlyMap<string, InputFile>;
  private readonly kept = new Map<string, Uint8Array>();
  /** How many more bytes may be kept. */
  private room: number;
  private readonly buffers: Uint8Array[] = [];
  /** Windows in use now. */
  private depth = 0;

  /** Takes over the open files, which must hold the tensors at the paths that these name. */
  constructor(files: readonly InputFile[], tensors: Iterable<TensorInfo>, { pin = 0 }: PreadOptions = {}) {
    this.files = new Map(files.map((file) => [file.path, file]));
    this.tensors = new Map([...tensors].map((info) => [info.name, info]));
    this.warnings = files.flatMap(({ warnings }) => warnings);
    this.room = pin;
  }

  window<R>(info: TensorInfo, from: number, length: number, use: (bytes: Uint8Array) => R): R {
    checkWindow(info, from, length, this.files);
    this.depth++;
    try {
      const kept = this.keep(info);
      if (kept !== undefined) return use(kept.subarray(from, from + length));
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
    this.kept.clear();
    this.buffers.length = 0;
    for (const file of this.files.values()) file.close();
  }

  /** The whole tensor, if it is kept or can be from now on. */
  private keep(info: TensorInfo): Uint8Array | undefined {
    const kept = this.kept.get(info.name);
    if (kept !== undefined || info.bytes > this.room) return kept;
    const bytes = allocate(info.bytes, info.path);
    this.fill(bytes, info, 0);
    this.kept.set(info.name, bytes);
    this.room -= info.bytes;
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
