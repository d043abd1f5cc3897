/** What a failing comparison of whole models says: the first activation outside its bound, not the last. */
import type { Tap } from "../../src/oracle/taps.ts";
import { type Bound, outside } from "./within.ts";

export interface Judged {
  readonly tap: Tap;
  readonly golden: ArrayLike<number>;
  readonly bound: Bound;
}

/** The report on the first tap outside its bound, in the order of computation; undefined if there is none. */
export function firstDivergence(judged: readonly Judged[]): string | undefined {
  for (const [i, { tap, golden, bound }] of judged.entries()) {
    const why = outside(tap.data.data, golden, bound, tap.data.shape);
    if (why === undefined) continue;
    const earlier = judged.slice(Math.max(0, i - 6), i).map((one) => `${one.tap.name} ok`);
    return `${tap.name}   first activation outside its bound   ${why}\n       earlier: ${earlier.join(", ") || "none"}`;
  }
  return undefined;
}

/** max |actual - golden|. */
export function worst(actual: ArrayLike<number>, golden: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < golden.length; i++) largest = Math.max(largest, Math.abs(actual[i]! - golden[i]!));
  return largest;
}
