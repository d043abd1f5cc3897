/**
 * A number format: how a block of stored bytes becomes float32 values. One file a format beside this one.
 */
export interface Format {
  /** As files name it: "F32", "BF16", "Q4_1". */
  readonly name: string;
  /** Values in a block, along a row: 1 for plain floats, 32 for Q8_0. */
  readonly block: number;
  /** Bytes in a block. */
  readonly bytes: number;
  /** Widens `blocks` blocks that begin at `bytes[at]` into `into`, from `into[to]` on. */
  widen(bytes: Uint8Array, at: number, blocks: number, into: Float32Array, to: number): void;
}
