/**
 * By what a tap is judged: in noises, or by bounds that an engine's authors have set themselves.
 *
 *   noise    z = r / noise: fails above kappa, warns above kappa / 2
 *   bounds   |actual - expected| <= atol + rtol |expected| in every column; what lies within is clean, and nothing warns
 */
import { UsageError } from "../errors.ts";
import type { Row } from "./metrics.ts";

/** Above this many noises a tap warns, and above that it fails. */
export const WARN = 3;
export const FAIL = 6;

/** From how many noises on a tap warns, and from how many it fails. */
export interface Bounds {
  readonly warnAbove: number;
  readonly failAbove: number;
}

/** Those of the usual verdict, or of a kappa of one's own: it fails above that, and warns above half of it. */
export function boundsOf(kappa: number = FAIL): Bounds {
  return { warnAbove: (kappa * WARN) / FAIL, failAbove: kappa };
}

/** In noises: those that were measured, or a relative error that is granted in their place. */
export interface ByNoise extends Bounds {
  readonly by: "noise";
  readonly noise?: number | undefined;
}

/** By an absolute and a relative bound on every value. */
export interface ByBounds {
  readonly by: "bounds";
  readonly atol: number;
  readonly rtol: number;
}

/** What judges a tap. */
export type Measure = ByNoise | ByBounds;

/** What every tap is judged by, unless something nearer says otherwise. */
export interface MeasureOptions {
  /** Above how many noises a tap fails; it warns above half as many. 6 unless told. */
  readonly kappa?: number | undefined;
  /** Bounds on every value in place of noises; one of the two given, the other is 0. */
  readonly atol?: number | undefined;
  readonly rtol?: number | undefined;
}

/**
 * The measure that the options name.
 *
 * throws   UsageError E_ARG_BOUND for a kappa that is not above 0, a bound that is negative or not finite, or both kinds
 */
export function measureOf({ kappa, atol, rtol }: MeasureOptions): Measure {
  if (kappa !== undefined && !(kappa > 0 && Number.isFinite(kappa))) throw notABound("kappa", "above 0", kappa);
  if (atol === undefined && rtol === undefined) return { by: "noise", ...boundsOf(kappa) };
  for (const [name, bound] of Object.entries({ atol, rtol })) {
    if (bound !== undefined && !(bound >= 0 && Number.isFinite(bound))) throw notABound(name, "from 0", bound);
  }
  if (kappa === undefined) return { by: "bounds", atol: atol ?? 0, rtol: rtol ?? 0 };
  throw new UsageError("E_ARG_BOUND", "kappa", {
    expected: "either kappa, a number of noises, or atol and rtol, which bound every value",
    actual: "both",
    hint: "Leave one out.",
  });
}

function notABound(name: string, range: string, actual: number): UsageError {
  const hint = "Give a bound in decimal notation, such as 1e-5.";
  return new UsageError("E_ARG_BOUND", name, { expected: `a finite number ${range}`, actual: `${actual}`, hint });
}

/** How far beyond its bounds a row is. */
export interface Excess {
  /** The largest |actual - expected| / (atol + rtol |expected|): above 1 exactly where a value is beyond its bound. */
  readonly excess: number;
  /** Where that is; of equals the first. */
  readonly column: number;
}

/** The worst column of y beside x. In float64, in which the bound is one product and one sum. */
export function excessOf(x: Row, y: Row, width: number, { atol, rtol }: ByBounds): Excess {
  let worst: Excess = { excess: 0, column: 0 };
  for (let column = 0; column < width; column++) {
    const expected = x.data[x.at + column]!;
    const error = Math.abs(y.data[y.at + column]! - expected);
    const bound = atol + rtol * Math.abs(expected);
    const excess = error <= bound ? (error === 0 ? 0 : error / bound) : beyond(error, bound);
    if (excess > worst.excess) worst = { excess, column };
  }
  return worst;
}

/** The quotient of an error and a smaller bound, which is above 1 however it is rounded; infinite where there is none. */
function beyond(error: number, bound: number): number {
  return Number.isNaN(error) ? Infinity : Math.max(error / bound, 1 + Number.EPSILON);
}

/** What is known of how far a tap, or a row of it, is off. */
export interface Judged {
  readonly z: number;
  /** Present where bounds judge it. */
  readonly excess?: number | undefined;
}

export type State = "pass" | "warn" | "fail";

/** The state of what is so far off. What is not a number is never clean. */
export function stateOf({ z, excess }: Judged, { warnAbove, failAbove }: Bounds): State {
  if (excess !== undefined) return excess > 1 ? "fail" : "pass";
  return !(z <= failAbove) ? "fail" : z > warnAbove ? "warn" : "pass";
}

/** What a tap is judged by. */
export interface Measured extends Judged {
  /** In noises, by the report's own bounds, unless told. */
  readonly measure?: Measure | undefined;
}

/** From how many noises on a tap warns and fails: by its own measure, or by the report's. */
export function boundsFor({ measure }: Pick<Measured, "measure">, report: Bounds): Bounds {
  return measure?.by === "noise" ? measure : report;
}

/** The state of a tap in a report. */
export function stateIn(tap: Measured, report: Bounds): State {
  return stateOf(tap, boundsFor(tap, report));
}

/**
 * How far a tap is off on the scale of a report's noises, so that taps of every measure can stand in one picture: clean up
 * to `warnAbove`, wrong above `failAbove`.
 */
export function levelOf(tap: Measured, report: Bounds): number {
  const { z, excess } = tap;
  if (excess !== undefined) return excess * (excess > 1 ? report.failAbove : report.warnAbove);
  const own = boundsFor(tap, report).failAbove;
  return own === report.failAbove ? z : (z / own) * report.failAbove;
}
