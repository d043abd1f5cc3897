/**
 * Whether one tensor is another, exactly or as far as its number format lets it be.
 */
import { FORMATS } from "../../quant/index.ts";
import { NARROWS } from "../../quant/narrow.ts";
import { BF16, F16, type Rounding, truncating } from "../numbers/formats.ts";
import type { Weight } from "./side.ts";

/** Two values at one place. */
export interface Difference {
  readonly row: number;
  readonly column: number;
  readonly expected: number;
  readonly actual: number;
}

/** What a walk over all values of two tensors found. */
export interface Sameness {
  /** |theirs - ours| / |ours|; of a tensor of zeros, |theirs|. */
  readonly r: number;
  /** Values that differ, of all. */
  readonly differ: number;
  readonly first: Difference | undefined;
  /** The first value of theirs that is not finite. */
  readonly notFinite: Difference | undefined;
  /** The roundings of ours that give theirs at every place. */
  readonly roundings: readonly Rounding[];
}

/** Values widened at a time. */
const VALUES = 1 << 18;

const ROUNDINGS: readonly Rounding[] = [BF16, F16, truncating(BF16), truncating(F16)];

/** Walks over both, a few rows at a time. Both have one shape. */
export function sameness(ours: Weight, theirs: Weight): Sameness {
  const { rows, columns } = ours;
  const tally = new Tally(columns);
  const step = Math.max(1, Math.floor(VALUES / columns));
  const [a, b] = [new Float32Array(step * columns), new Float32Array(step * columns)];
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first);
    ours.widen(first, count, a);
    theirs.widen(first, count, b);
    tally.add(first, a, b, count * columns);
  }
  return tally.result();
}

class Tally {
  private readonly columns: number;
  private squares = 0;
  private size = 0;
  private differ = 0;
  private first: Difference | undefined;
  private notFinite: Difference | undefined;
  private left = ROUNDINGS;

  constructor(columns: number) {
    this.columns = columns;
  }

  add(row: number, a: Float32Array, b: Float32Array, length: number): void {
    for (let i = 0; i < length; i++) {
      const [x, y] = [a[i]!, b[i]!];
      this.size += x * x;
      if (x === y) {
        if (this.left.length > 0 && this.differ === 0) continue;
      } else {
        this.differ++;
        this.squares += (y - x) * (y - x);
        this.first ??= this.place(row, i, x, y);
        if (!Number.isFinite(y)) this.notFinite ??= this.place(row, i, x, y);
      }
      if (this.left.length > 0 && this.left.some(({ round }) => round(x) !== y)) {
        this.left = this.left.filter(({ round }) => round(x) === y);
      }
    }
  }

  result(): Sameness {
    const { squares, size, differ, first, notFinite, left } = this;
    return { r: Math.sqrt(size === 0 ? squares : squares / size), differ, first, notFinite, roundings: left };
  }

  private place(row: number, i: number, expected: number, actual: number): Difference {
    return { row: row + Math.floor(i / this.columns), column: i % this.columns, expected, actual };
  }
}

/**
 * What a format does to weights, |rounded - w| / |w|, where there is no way here to round to it: about 1.5 times what
 * llama.cpp's own mixtures have on normally distributed values; AWQ and GPTQ give up some of it for the outputs.
 */
const COARSE: Readonly<Record<string, number>> = {
  Q2_K: 0.5,
  Q3_K: 0.25,
  Q4_1: 0.13,
  Q5_1: 0.07,
  Q5_K: 0.06,
  IQ4_NL: 0.13,
  IQ4_XS: 0.13,
  I8: 0.02,
};
const PACKED = 0.35;

/** Rows of a sample. */
const ROWS = 48;

/** Rows spread evenly over a weight. */
export function sampleOf({ rows }: Weight): number[] {
  const count = Math.min(rows, ROWS);
  return Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}

/** Those rows, one after another. */
export function rowsOf(weight: Weight, rows: readonly number[]): Float32Array {
  const { columns } = weight;
  const values = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => weight.widen(row, 1, values.subarray(i * columns, (i + 1) * columns)));
  return values;
}

/** |y - x| / |x| over whole arrays; of zeros |y|. */
export function distance(x: Float32Array, y: Float32Array): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    difference += (y[i]! - x[i]!) ** 2;
    size += x[i]! * x[i]!;
  }
  return Math.sqrt(size === 0 ? difference : difference / size);
}

/** How far a weight in that format may be from `ours`: 1.5 times what rounding to it does to some rows. */
export function granted(ours: Weight, format: string): number {
  if (format === "F32" || format === "F16" || format === "BF16") return 2 ** -8;
  const narrow = NARROWS.get(format);
  if (narrow === undefined || ours.columns % narrow.format.block !== 0) return COARSE[format] ?? PACKED;
  const x = rowsOf(ours, sampleOf(ours));
  const blocks = x.length / narrow.format.block;
  const bytes = new Uint8Array(blocks * narrow.format.bytes);
  narrow.narrow(x, 0, blocks, bytes, 0);
  const y = new Float32Array(x.length);
  FORMATS.get(format)!.widen(bytes, 0, blocks, y, 0);
  return 1.5 * distance(x, y);
}
