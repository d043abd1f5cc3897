/**
 * Reading every value of a tensor to see whether it can be a trained weight.
 */
import { FormatError } from "../errors.ts";
import { quote } from "../json/quote.ts";
import { FORMATS } from "../quant/index.ts";
import { type Fault, INTEGERS, type NonFinite, type Rule, type Scan, Scanner } from "./scanner.ts";
import type { TensorInfo, WeightSource } from "./source.ts";
import { formatOf } from "./weights.ts";

const WINDOW_BYTES = 1 << 20;

/** Windows of a tensor, each of whole values (whole blocks, where it has them), at most a mebibyte. */
export function* windowsOf(info: TensorInfo): Generator<readonly [from: number, length: number]> {
  const unit = FORMATS.get(info.format)?.bytes ?? 8;
  const step = Math.floor(WINDOW_BYTES / unit) * unit;
  for (let from = 0; from < info.bytes; from += step) yield [from, Math.min(step, info.bytes - from)];
}

/** Reads a tensor once. Throws what the source throws, and FormatError for a number format that cannot be widened. */
export function scanTensor(source: WeightSource, info: TensorInfo, rule?: Rule): Scan {
  const scanner = new Scanner(info, rule);
  for (const [from, length] of windowsOf(info)) source.window(info, from, length, (bytes) => scanner.feed(bytes));
  return scanner.end();
}

/**
 * Throws FormatError for the first weight that is not finite, in the order of the files: E_Q_SCALE where values are
 * stored in blocks, since only a block's scale can be at fault, else E_WEIGHT_NONFINITE. A run that met NaN asks this.
 */
export function checkFinite(source: WeightSource): void {
  for (const info of source.tensors.values()) {
    const { nonFinite } = scanTensor(source, info);
    if (nonFinite !== undefined) throw nonFiniteError(info, nonFinite);
  }
}

/** What is said of a weight that is not finite. */
export function nonFiniteError(info: TensorInfo, { row, column, value }: NonFinite): FormatError {
  const inBlocks = !INTEGERS.has(info.format) && formatOf(info).block > 1;
  return damaged(
    inBlocks ? "E_Q_SCALE" : "E_WEIGHT_NONFINITE",
    info,
    "finite weights",
    `${value} in row ${row}, column ${column}`,
  );
}

/** What is said of a value against its rule. */
export function faultError(info: TensorInfo, { code, expected, actual }: Fault): FormatError {
  return damaged(code, info, expected, actual);
}

function damaged(code: string, info: TensorInfo, expected: string, actual: string): FormatError {
  return new FormatError(code, info.path, {
    path: info.path,
    tensor: quote(info.name),
    expected,
    actual,
    hint: "The file is damaged; get it again.",
  });
}
