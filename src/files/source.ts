/**
 * Where weights come from: named tensors, whose bytes are lent a window at a time.
 *
 * The same bytes arrive whether they are read, mapped or kept in memory; only `window` differs between sources.
 */

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

/** A checkpoint's tensors, wherever their bytes are. */
export interface WeightSource {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * Lends bytes [from, from + length) of the tensor's data to `use`. They are valid until it returns and must not be
   * kept or written. Throws IoError if the file cannot be read or has changed since it was opened.
   */
  window<R>(info: TensorInfo, from: number, length: number, use: (bytes: Uint8Array) => R): R;
  /** Closes the files. Windows after that throw. */
  close(): void;
}
