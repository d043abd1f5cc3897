/**
 * Where weights come from: named tensors, whose bytes are lent a window at a time.
 *
 * The same bytes arrive whether they are read, mapped or kept in memory; only `window` differs between sources.
 */
import { QwqError, UsageError } from "../errors.ts";

/** What a file's header says of one tensor. */
export interface TensorInfo {
  /** Its name in the file. */
  readonly name: string;
  /** Its number format: "F32", "F16", "BF16", "Q8_0", "Q4_1" ... */
  readonly format: string;
  /** Sizes, outermost first: [rows, columns] for a matrix. */
  readonly shape: readonly number[];
  /** The file that holds it, where its data begin there, and how many bytes they take. */
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

/** What a model will ask for, token after token: what is known of it can be read before it is asked for. */
export interface Course {
  /** Tensors used from their first byte to their last, in this order; after the last one comes the first again. */
  readonly walked: readonly TensorInfo[];
  /** Tensors used as often, but in other ways. */
  readonly used: readonly TensorInfo[];
}

/** A checkpoint's tensors, wherever their bytes are. */
export interface WeightSource {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** How many bytes of the weights may stay in memory, from the next course on. */
  pin: number;
  /** How many bytes somebody else keeps after their first use: they are not read ahead of the next course. */
  elsewhere?: number;
  /** Says what comes. The windows may still be any; the same bytes arrive. */
  expect(course: Course): void;
  /**
   * Lends bytes [from, from + length) of the tensor's data to `use`. They are valid until it returns and must not be
   * kept or written. Throws IoError if the file cannot be read or has changed since it was opened.
   */
  window<R>(info: TensorInfo, from: number, length: number, use: (bytes: Uint8Array) => R): R;
  /** Closes the files. Windows after that throw. */
  close(): void;
}

/**
 * The tensors to keep in `room` bytes: whole ones, in the order of their first use, as long as they fit. A model that fits
 * is read once. A larger one saves the share that is kept, where a cache of what was used last would save nothing, since
 * each token needs every weight once.
 */
export function toKeep({ walked, used }: Course, room: number): ReadonlySet<TensorInfo> {
  let left = room;
  const fits = (info: TensorInfo) => {
    if (info.bytes > left) return false;
    left -= info.bytes;
    return true;
  };
  return new Set([...walked, ...used].filter(fits));
}

/** Throws UsageError E_ARG_WINDOW unless these are bytes of the tensor, and the tensor one of these files. */
export function checkWindow(info: TensorInfo, from: number, length: number, files: ReadonlyMap<string, unknown>): void {
  const { name, path, bytes } = info;
  const whole = Number.isSafeInteger(from) && Number.isSafeInteger(length) && from >= 0 && length >= 0;
  if (whole && from + length <= bytes && files.has(path)) return;
  throw new UsageError("E_ARG_WINDOW", path, {
    path,
    tensor: name,
    expected: `a window within the tensor's ${bytes} bytes, and a tensor of these files`,
    actual: `${length} bytes from ${from} on`,
    hint: "Ask for a tensor of this source, and for bytes that it has.",
  });
}

/** Throws QwqError E_INTERNAL where `windows` of a source that is to be closed are in use. */
export function checkIdle(windows: number): void {
  if (windows === 0) return;
  throw new QwqError("E_INTERNAL", "weights", {
    expected: "no window in use when they are closed",
    actual: `${windows}`,
    hint: "This is a bug; report it.",
  });
}
