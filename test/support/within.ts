/**
 * The one matcher for numbers. Four kinds of bound and no others; the failure names the first value outside.
 */
import { expect } from "vitest";

export type Bound =
  /** The same bits. */
  | { readonly kind: "exact" }
  /** At most k steps between neighbouring float32 values, at the size of the golden value. */
  | { readonly kind: "ulp"; readonly k: number }
  /** At most c u sum |w x| per element, u = 2^-24: what c roundings of the largest partial sum can do. */
  | { readonly kind: "norm"; readonly c: number; readonly magnitude: ArrayLike<number> }
  /** At most 4 x the measured noise of Hugging Face's own float32 against an independent float64. */
  | { readonly kind: "floor"; readonly floor: number };

export const exact: Bound = { kind: "exact" };
export const ulp = (k: number): Bound => ({ kind: "ulp", k });
export const norm = (c: number, magnitude: ArrayLike<number>): Bound => ({ kind: "norm", c, magnitude });
export const floor = (floor: number): Bound => ({ kind: "floor", floor });

/** The unit roundoff of float32. */
export const U = 2 ** -24;

/** The distance from |x| to the next larger float32. */
export function ulpOf(x: number): number {
  const size = Math.abs(x);
  if (size < 2 ** -126) return 2 ** -149;
  return 2 ** (Math.floor(Math.log2(size)) - 23);
}

function allowed(bound: Bound, golden: number, i: number): number {
  switch (bound.kind) {
    case "exact":
      return 0;
    case "ulp":
      return bound.k * ulpOf(golden);
    case "norm":
      return bound.c * U * bound.magnitude[i]!;
    case "floor":
      return 4 * bound.floor;
  }
}

/** The largest error as a share of what `bound` allows there; infinite where nothing is allowed and something differs. */
export function share(actual: ArrayLike<number>, golden: ArrayLike<number>, bound: Bound): number {
  let largest = 0;
  for (let i = 0; i < golden.length; i++) {
    const error = Math.abs(actual[i]! - golden[i]!);
    if (error !== 0) largest = Math.max(largest, error / allowed(bound, golden[i]!, i));
  }
  return largest;
}

/** Why `actual` is not within `bound` of `golden`, or undefined. `shape` turns an index into a place. */
export function outside(
  actual: ArrayLike<number>,
  golden: ArrayLike<number>,
  bound: Bound,
  shape: readonly number[] = [golden.length],
): string | undefined {
  if (actual.length !== golden.length) return `expected ${golden.length} values, got ${actual.length}`;
  for (let i = 0; i < golden.length; i++) {
    const error = Math.abs(actual[i]! - golden[i]!);
    const same = Object.is(actual[i], golden[i]) || actual[i] === golden[i];
    if (same || error <= allowed(bound, golden[i]!, i)) continue;
    const limit = `${bound.kind} ${allowed(bound, golden[i]!, i).toExponential(2)}`;
    return `at [${place(i, shape)}] ours ${actual[i]}, golden ${golden[i]}: off by ${error.toExponential(2)}, bound ${limit}`;
  }
  return undefined;
}

function place(i: number, shape: readonly number[]): string {
  const at: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at.unshift(i % shape[axis]!);
    i = Math.floor(i / shape[axis]!);
  }
  return at.join(" ");
}

/** Fails, naming `what` and the first value outside, unless every value lies within `bound` of `golden`. */
export function within(
  what: string,
  actual: ArrayLike<number>,
  golden: ArrayLike<number>,
  bound: Bound,
  shape?: readonly number[],
): void {
  const why = outside(actual, golden, bound, shape);
  if (why !== undefined) expect.fail(`${what} ${why}`);
}
