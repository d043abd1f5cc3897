/**
 * Reading every value of a tensor to see whether it can be a trained weight.
 */
import { FormatError } from "../errors.ts";
import { quote } from "../json/quote.ts";
import type { TensorInfo, WeightSource } from "./source.ts";
import { formatOf } from "./weights.ts";

/** A value that is not a number one can compute with, and where it stands in the file's tensor. */
export interface NonFinite {
  readonly tensor: string;
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

export interface Scan {
  /** The first NaN or infinity, in the order of the file. */
  readonly nonFinite: NonFinite | undefined;
  /** Rows of nothing but zeros: an aborted download leaves many. */
  readonly zeroRows: number;
  /** The largest |value|, of those that are finite. */
  readonly largest: number;
}

const WINDOW_BYTES = 1 << 20;

/** What packed matrices are made of (packed-tensors.ts): their numbers are finite, and no weights by themselves. */
export const INTEGERS: ReadonlySet<string> = new Set(["I32", "I8", "I64", "U8"]);

/** Reads a tensor once. Throws what the source throws, and FormatError for a number format that cannot be widened. */
export function scanTensor(source: WeightSource, info: TensorInfo): Scan {
  if (INTEGERS.has(info.format)) return { nonFinite: undefined, zeroRows: 0, largest: 0 };
  const format = formatOf(info);
  const columns = info.shape.at(-1) ?? 1;
  const rowBytes = (columns / format.block) * format.bytes;
  const rows = info.bytes / rowBytes;
  const step = Math.max(1, Math.floor(WINDOW_BYTES / rowBytes));
  const values = new Float32Array(step * columns);
  let [nonFinite, zeroRows, largest]: [NonFinite | undefined, number, number] = [undefined, 0, 0];
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first);
    const blocks = (count * columns) / format.block;
    source.window(info, first * rowBytes, count * rowBytes, (bytes) => format.widen(bytes, 0, blocks, values, 0));
    for (let row = 0; row < count; row++) {
      const found = scanRow(values.subarray(row * columns, (row + 1) * columns));
      largest = Math.max(largest, found.largest);
      if (found.zero) zeroRows++;
      if (found.column >= 0 && nonFinite === undefined) {
        const { column } = found;
        nonFinite = { tensor: info.name, row: first + row, column, value: values[row * columns + column]! };
      }
    }
  }
  return { nonFinite, zeroRows, largest };
}

/** The column of the first value that is not finite, or -1. */
function scanRow(row: Float32Array): { column: number; zero: boolean; largest: number } {
  let [column, largest, zero] = [-1, 0, true];
  for (let i = 0; i < row.length; i++) {
    const size = Math.abs(row[i]!);
    if (size < Infinity) {
      if (size > largest) largest = size;
    } else if (column < 0) column = i;
    if (size !== 0) zero = false;
  }
  return { column, largest, zero };
}

/**
 * Throws FormatError for the first weight that is not finite, in the order of the files: E_Q_SCALE where values are
 * stored in blocks, since only a block's scale can be at fault, else E_WEIGHT_NONFINITE. A run that met NaN asks this.
 */
export function checkFinite(source: WeightSource): void {
  for (const info of source.tensors.values()) {
    const { nonFinite } = scanTensor(source, info);
    if (nonFinite === undefined) continue;
    throw nonFiniteError(source, nonFinite);
  }
}

/** What is said of a weight that is not finite. */
export function nonFiniteError(source: WeightSource, { tensor, row, column, value }: NonFinite): FormatError {
  const info = source.tensors.get(tensor)!;
  return new FormatError(formatOf(info).block > 1 ? "E_Q_SCALE" : "E_WEIGHT_NONFINITE", info.path, {
    path: info.path,
    tensor: quote(tensor),
    expected: "finite weights",
    actual: `${value} in row ${row}, column ${column}`,
    hint: "The file is damaged; get it again.",
  });
}
