/** What the checks of a bundle's taps come down to: a relative error, at a position. */
import type { Given } from "../candidate.ts";
import type { Check } from "../checks.ts";

/** A check without its code. */
export type Found = Omit<Check, "code">;

/** Positions that all of them have. */
export function shared(...taps: readonly Given[]): number[] {
  return taps[0]!.rows.filter((row) => taps.every((tap) => tap.at(row) >= 0));
}

/** A check of a relative error at a position. */
export function verdict(where: string, r: number, position: number, limit: number): Found {
  const actual = `r ${r.toExponential(1)} at position ${position}`;
  if (r <= limit) return { outcome: "pass", where, actual };
  return { outcome: "fail", where, expected: `r of at most ${limit.toExponential(1)}`, actual };
}
