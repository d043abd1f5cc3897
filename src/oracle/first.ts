/**
 * Where a fault begins: clean in, dirty out.
 */
import { nearest } from "./graph.ts";
import { type Bounds, boundsOf, type First, type TapResult, type Verdict } from "./report.ts";

/** How far a tap is from clean: by its errors, or by their lean. */
export function dirt({ z, lean }: TapResult, { failAbove }: Bounds): number {
  return lean !== undefined && lean.z > failAbove ? Math.max(z, lean.z) : z;
}

/** The verdict over all taps: the worst of them. */
export function verdictOf(taps: readonly TapResult[], bounds: Bounds = boundsOf()): Verdict {
  const worst = Math.max(0, ...taps.map((tap) => dirt(tap, bounds)));
  return worst > bounds.failAbove ? "fail" : worst > bounds.warnAbove ? "warn" : "pass";
}

/**
 * The first tap above the verdict's bound; from there back to the first that is not clean, as long as an input is not:
 * where errors are handed on, what fails first need not be where they began. `anchored`, where each tap was computed
 * from the engine's own inputs, there is nothing handed on.
 */
export function firstOf(
  taps: readonly TapResult[],
  layers: number,
  anchored: boolean,
  bounds: Bounds = boundsOf(),
): First | null {
  const byName = new Map(taps.map((tap) => [tap.tap, tap]));
  const { warnAbove, failAbove } = bounds;
  const bound = verdictOf(taps, bounds) === "fail" ? failAbove : warnAbove;
  let found = taps.find((tap) => dirt(tap, bounds) > bound);
  if (found === undefined) return null;
  const before = (name: string) => nearest(name, layers, (tap) => byName.has(tap));
  for (let next: TapResult | undefined = found; next !== undefined && !anchored;) {
    found = next;
    next = before(found.tap)
      .inputs.map((name) => byName.get(name)!)
      .find((tap) => dirt(tap, bounds) > warnAbove);
  }
  const { inputs, missing } = before(found.tap);
  const leaning = found.z <= warnAbove ? true : undefined;
  const { tap, r, noise, row } = found;
  const z = leaning === true ? dirt(found, bounds) : found.z;
  return {
    tap,
    r,
    noise,
    z,
    row,
    inputs: inputs.map((name) => ({ tap: name, z: byName.get(name)!.z })),
    missing,
    leaning,
  };
}
