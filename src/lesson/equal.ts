/** Claims that a notebook makes about numbers: they hold, and are printed, or the cell fails and says where they do not. */
import { QwqError } from "../errors.ts";
import { print } from "./show.ts";

/** How near is near enough; no other bounds exist. */
export type Near =
  /** The same number. */
  | "exact"
  /** So many steps between neighbouring float32 values, at the size of the expected one. */
  | { readonly ulps: number }
  /** c roundings of the largest partial sum of each value: c u sum |w x|, u = 2^-24. */
  | { readonly roundings: number; readonly of: ArrayLike<number> }
  /** Four times the measured noise of Hugging Face's own float32. */
  | { readonly floor: number };

/** The distance from |x| to the next larger float32. */
export function ulpOf(x: number): number {
  const size = Math.abs(x);
  return size < 2 ** -126 ? 2 ** -149 : 2 ** (Math.floor(Math.log2(size)) - 23);
}

/** Prints that all values of `ours` are near those of `theirs`. Throws QwqError E_LESSON_UNEQUAL naming the first that is not. */
export function equal(claim: string, ours: ArrayLike<number>, theirs: ArrayLike<number>, near: Near = "exact"): void {
  const fault = (expected: string, actual: string) => new QwqError("E_LESSON_UNEQUAL", claim, { expected, actual });
  if (ours.length !== theirs.length) throw fault(`${theirs.length} values`, String(ours.length));
  for (let i = 0; i < theirs.length; i++) {
    const bound = boundOf(near, theirs[i]!, i);
    const same = ours[i] === theirs[i] || Math.abs(ours[i]! - theirs[i]!) <= bound;
    if (!same) throw fault(`${theirs[i]} at [${i}], ${boundText(near)}`, String(ours[i]));
  }
  print(`✓ ${claim}: ${theirs.length} values, ${boundText(near)}`);
}

function boundOf(near: Near, value: number, i: number): number {
  if (near === "exact") return 0;
  if ("ulps" in near) return near.ulps * ulpOf(value);
  return "floor" in near ? 4 * near.floor : near.roundings * 2 ** -24 * near.of[i]!;
}

function boundText(near: Near): string {
  if (near === "exact") return "all the same";
  if ("ulps" in near) return `within ${near.ulps} ${near.ulps === 1 ? "step" : "steps"} of float32`;
  if ("roundings" in near) return `within ${near.roundings} roundings of their largest partial sums`;
  return `within 4 × ${near.floor.toExponential(1)}, Hugging Face's own noise`;
}
