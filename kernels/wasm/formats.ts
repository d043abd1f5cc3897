/**
 * Rows of keys or values as the kernels' memory keeps them, the very values of the reference's cache.
 *
 * layout   a block has 64 positions s of one key head, as attention multiplies them, in panels of eight columns:
 *            keys     [s / 8][d][s % 8]
 *            values   [d / 8][s][d % 8]
 *          of f32, bf16 or i8; after all bytes their scales, f32 [s]. Further blocks of the head follow, and those of the
 *          next head begin `stride` bytes on.
 */
import type { CacheFormat } from "../../src/ops.ts";
import { ofBfloat16, ofBytes, toBfloat16, toBytes } from "../../src/reference/kept.ts";
import type { Heap } from "./module.ts";

/** Positions a block has: BLOCK of assembly/blocks.ts. */
export const POSITIONS = 64;
/** Columns of a panel. */
const PANEL = 8;

/** The number by which assembly/blocks.ts knows a format. */
export const FORMAT: Readonly<Record<CacheFormat, number>> = { f32: 0, bf16: 1, int8: 2 };

const BYTES: Readonly<Record<CacheFormat, number>> = { f32: 4, bf16: 2, int8: 1 };

/** How rows of `width` values in heads of D lie. */
export interface Form {
  readonly of: "keys" | "values";
  readonly format: CacheFormat;
  readonly width: number;
  readonly D: number;
  /** Bytes from a block of one head to that of the next. */
  readonly stride: number;
}

/** Whether heads of that size can be attended to: assembly/state.ts has room for so much. */
export function fits(D: number): boolean {
  return D % PANEL === 0 && D <= 256;
}

/** Bytes of a block of one head. */
export function blockBytes({ format, D }: Pick<Form, "format" | "D">): number {
  return POSITIONS * (BYTES[format] * D + (format === "int8" ? 4 : 0));
}

/** The numbers of a head's block. */
function numbersOf(
  heap: Heap,
  at: number,
  format: CacheFormat,
  length: number,
): Float32Array | Uint16Array | Int8Array {
  if (format === "f32") return heap.floats(at, length);
  const { buffer } = heap.memory;
  return format === "bf16" ? new Uint16Array(buffer, at, length) : new Int8Array(buffer, at, length);
}

/** Calls `each` for eight numbers of a head that follow each other: where they begin in the row, and how they lie in the block. */
function eights({ of, D }: Form, s: number, each: (d: number, at: number, step: number) => void): void {
  const inPanel = s % PANEL;
  for (let d = 0; d < D; d += PANEL) {
    if (of === "keys") each(d, (s - inPanel) * D + d * PANEL + inPanel, PANEL);
    else each(d, d * POSITIONS + s * PANEL, 1);
  }
}

/** Stores rows from row `first` of the blocks at `at` on. */
export function writeRows(heap: Heap, at: number, form: Form, first: number, rows: Float32Array): void {
  const { format, width, D, stride } = form;
  const [heads, count] = [width / D, rows.length / width];
  const each = new Float32Array(format === "int8" ? rows.length / D : 0);
  const rounded = format === "f32" ? rows : new (format === "bf16" ? Uint16Array : Int8Array)(rows.length);
  if (rounded instanceof Uint16Array) toBfloat16(rows, rounded);
  if (rounded instanceof Int8Array) toBytes(rows, D, rounded, each);
  for (let head = 0; head < heads; head++) {
    const numbers = numbersOf(heap, at + head * stride, format, POSITIONS * D);
    for (let row = 0; row < count; row++) {
      const from = row * width + head * D;
      eights(form, first + row, (d, to, step) => {
        for (let i = 0; i < PANEL; i++) numbers[to + i * step] = rounded[from + d + i]!;
      });
    }
    if (format !== "int8") continue;
    const scales = heap.floats(at + head * stride + POSITIONS * D, POSITIONS);
    for (let row = 0; row < count; row++) scales[first + row] = each[row * heads + head]!;
  }
}

/** Fills `into` with the first rows of the blocks at `at`. */
export function readRows(heap: Heap, at: number, form: Form, into: Float32Array): void {
  const { format, width, D, stride } = form;
  const [heads, count] = [width / D, into.length / width];
  const each = new Float32Array(format === "int8" ? into.length / D : 0);
  const kept = format === "f32" ? into : new (format === "bf16" ? Uint16Array : Int8Array)(into.length);
  for (let head = 0; head < heads; head++) {
    const numbers = numbersOf(heap, at + head * stride, format, POSITIONS * D);
    for (let row = 0; row < count; row++) {
      const to = row * width + head * D;
      eights(form, row, (d, from, step) => {
        for (let i = 0; i < PANEL; i++) kept[to + d + i] = numbers[from + i * step]!;
      });
    }
    if (format !== "int8") continue;
    const scales = heap.floats(at + head * stride + POSITIONS * D, POSITIONS);
    for (let row = 0; row < count; row++) each[row * heads + head] = scales[row]!;
  }
  if (kept instanceof Uint16Array) ofBfloat16(kept, into);
  if (kept instanceof Int8Array) ofBytes(kept, each, D, into);
}
