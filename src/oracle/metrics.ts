/**
 * How far one row is from another.
 */
import { ulp } from "./numbers/formats.ts";
import { SKETCH_WIDTH } from "./sketch.ts";

/** A row of a larger array. */
export interface Row {
  readonly data: ArrayLike<number>;
  readonly at: number;
}

/** |y - x| / |x|; where x is zero, |y - x|. */
export function relative(x: Row, y: Row, width: number): number {
  let [difference, size] = [0, 0];
  for (let c = 0; c < width; c++) {
    const expected = x.data[x.at + c]!;
    const error = y.data[y.at + c]! - expected;
    difference += error * error;
    size += expected * expected;
  }
  return Math.sqrt(size === 0 ? difference : difference / size);
}

/** How well a relative error is known from sketches of k numbers: one standard deviation of it, relative. */
export const SKETCH_ERROR = 1 / Math.sqrt(2 * SKETCH_WIDTH);

/** Buckets of a histogram of errors in ulps: below 1, then [2^i, 2^(i+1)). */
const BUCKETS = 32;

/** Adds the errors of a row to a histogram; `u` is that of the number format. */
export function countUlps(x: Row, y: Row, width: number, u: number, histogram: number[]): void {
  for (let c = 0; c < width; c++) {
    const expected = x.data[x.at + c]!;
    const error = Math.abs(y.data[y.at + c]! - expected) / ulp(expected, u);
    const bucket = error < 1 ? 0 : Math.min(BUCKETS - 1, 1 + Math.floor(Math.log2(error)));
    while (histogram.length <= bucket) histogram.push(0);
    histogram[bucket]!++;
  }
}

/** An error counts as at most so many ulps in a lean: near zero, an ulp is small and says little. */
const MOST_ULPS = 4;

/**
 * Where a row's errors lean: their mean towards (-) or away from (+) zero, in ulps of a format of that u (or in the steps
 * that are given for each column), and their variance.
 */
export function lean(
  x: Row,
  y: Row,
  width: number,
  u: number | ArrayLike<number>,
): { readonly mean: number; readonly variance: number } {
  let [sum, squares] = [0, 0];
  for (let c = 0; c < width; c++) {
    const expected = x.data[x.at + c]!;
    const step = typeof u === "number" ? ulp(expected, u) : u[c]!;
    const inUlps = step === 0 ? 0 : ((y.data[y.at + c]! - expected) * (expected < 0 ? -1 : 1)) / step;
    const error = Math.max(-MOST_ULPS, Math.min(MOST_ULPS, inUlps));
    sum += error;
    squares += error * error;
  }
  const mean = sum / width;
  return { mean, variance: Math.max(0, squares / width - mean * mean) };
}
