/**
 * Where a fault begins: clean in, dirty out.
 */
import { nearest } from "./graph.ts";
import { type Bounds, boundsFor, boundsOf, type State, stateIn } from "./measure.ts";
import type { First, TapResult, Verdict } from "./report.ts";

/** How far a tap is from clean: by its errors, or by their lean. */
export function dirt(tap: TapResult, bounds: Bounds): number {
  const { z, lean } = tap;
  return lean !== undefined && lean.z > boundsFor(tap, bounds).failAbove ? Math.max(z, lean.z) : z;
}

/** Whether it is clean, by whatever judges it. Bounds look at each value alone, and know nothing of a lean. */
function state(tap: TapResult, bounds: Bounds): State {
  return stateIn(tap.excess === undefined ? { ...tap, z: dirt(tap, bounds) } : tap, bounds);
}

/** The verdict over all taps: the worst of them. */
export function verdictOf(taps: readonly TapResult[], bounds: Bounds = boundsOf()): Verdict {
  const states = new Set(taps.map((tap) => state(tap, bounds)));
  return states.has("fail") ? "fail" : states.has("warn") ? "warn" : "pass";
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
  const verdict = verdictOf(taps, bounds);
  let found = verdict === "pass" ? undefined : taps.find((tap) => state(tap, bounds) === verdict);
  if (found === undefined) return null;
  const before = (name: string) => nearest(name, layers, (tap) => byName.has(tap));
  for (let next: TapResult | undefined = found; next !== undefined && !anchored;) {
    found = next;
    next = before(found.tap)
      .inputs.map((name) => byName.get(name)!)
      .find((tap) => state(tap, bounds) !== "pass");
  }
  const { inputs, missing } = before(found.tap);
  const leaning = stateIn(found, bounds) === "pass" ? true : undefined;
  const { tap, r, noise, row, excess, column, measure } = found;
  const z = leaning === true ? dirt(found, bounds) : found.z;
  return {
    tap,
    r,
    noise,
    z,
    row,
    excess,
    column,
    measure,
    inputs: inputs.map((name) => ({ tap: name, z: byName.get(name)!.z, excess: byName.get(name)!.excess })),
    missing,
    leaning,
  };
}
