/**
 * Rows of keys or values as a block of the kernels' memory keeps them, the very values of the reference's cache.
 *
 * layout   a block of 64 positions s: f32 [s KD], bf16 [s KD], or i8 [s KD] and after it the scales f32 [s K]
 */
import type { CacheFormat } from "../../src/ops.ts";
import { ofBfloat16, ofBytes, toBfloat16, toBytes } from "../../src/reference/kept.ts";
import type { Heap } from "./module.ts";

/** Positions a block has: BLOCK of assembly/attention.ts, whose sums begin anew at these places. */
export const POSITIONS = 64;

/** The number by which assembly/attention.ts knows a format. */
export const FORMAT: Readonly<Record<CacheFormat, number>> = { f32: 0, bf16: 1, int8: 2 };

const BYTES: Readonly<Record<CacheFormat, number>> = { f32: 4, bf16: 2, int8: 1 };

/** Bytes of a block of rows of `width` values in heads of D. */
export function blockBytes(format: CacheFormat, width: number, D: number): number {
  return POSITIONS * (BYTES[format] * width + (format === "int8" ? (4 * width) / D : 0));
}

/** Stores rows from row `first` of the block at `at` on. */
export function writeRows(
  heap: Heap,
  at: number,
  format: CacheFormat,
  width: number,
  D: number,
  first: number,
  rows: Float32Array,
): void {
  const { buffer } = heap.memory;
  const from = at + BYTES[format] * first * width;
  if (format === "f32") heap.floats(from, rows.length).set(rows);
  else if (format === "bf16") toBfloat16(rows, new Uint16Array(buffer, from, rows.length));
  else {
    const scales = heap.floats(at + POSITIONS * width + (4 * first * width) / D, rows.length / D);
    toBytes(rows, D, new Int8Array(buffer, from, rows.length), scales);
  }
}

/** Fills `into` with the first rows of a block. */
export function readRows(
  heap: Heap,
  at: number,
  format: CacheFormat,
  width: number,
  D: number,
  into: Float32Array,
): void {
  const { buffer } = heap.memory;
  const { length } = into;
  if (format === "f32") into.set(heap.floats(at, length));
  else if (format === "bf16") ofBfloat16(new Uint16Array(buffer, at, length), into);
  else ofBytes(new Int8Array(buffer, at, length), heap.floats(at + POSITIONS * width, length / D), D, into);
}
