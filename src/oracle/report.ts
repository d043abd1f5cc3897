/**
 * What a comparison found, whatever then prints it: text, JSON, JUnit, HTML.
 */
import type { Manifest } from "./bundle.ts";
import { parts } from "./graph.ts";
import { FAIL, type Measure, WARN } from "./measure.ts";

/** Fails above 6 times the noise, warns above 3; `incomparable` where no number can be believed. */
export type Verdict = "pass" | "warn" | "fail" | "incomparable";

/** One row of one tap. */
export interface RowResult {
  /** Its absolute position. */
  readonly row: number;
  /** |candidate - expected| / |expected|; of a row of zeros, |candidate - expected|. */
  readonly r: number;
  /** What rounding alone does to this row, relative like `r`; NaN where bounds judge it and no noise is known. */
  readonly noise: number;
  /** r / noise. */
  readonly z: number;
  /** By bounds: the largest |actual - expected| / (atol + rtol |expected|), and its column. Above 1 the row fails. */
  readonly excess?: number | undefined;
  readonly column?: number | undefined;
}

/** Two values side by side, of a tap's worst row: the columns where they differ most. */
export interface ValuePair {
  readonly row: number;
  readonly column: number;
  readonly expected: number;
  readonly actual: number;
}

/** The mean error of a tap's values, away from zero (+) or towards it (-). */
export interface Lean {
  /** In ulps of the policy's format, less what the policy's own rounding gives. */
  readonly ulps: number;
  /** In standard errors; 0 below a quarter of an ulp. Above `failAbove` the tap is dirty, whatever its r. */
  readonly z: number;
}

/** One tap: its worst row, by z (or by its excess over bounds), and all of them. */
export interface TapResult {
  readonly tap: string;
  readonly r: number;
  readonly noise: number;
  readonly z: number;
  /** Absolute position of the worst row. */
  readonly row: number;
  /** As of the worst row; present where bounds judge the tap. */
  readonly excess?: number | undefined;
  readonly column?: number | undefined;
  /** What it is judged by; in noises, by the report's own bounds, unless told. */
  readonly measure?: Measure | undefined;
  readonly rows: readonly RowResult[];
  /** Whether only sketches were compared: r is known to 14 %. */
  readonly sketch?: boolean | undefined;
  /** Of the errors of all values: how many lie in [2^i, 2^(i+1)) ulps of the policy's number format, first those below 1. */
  readonly ulps?: readonly number[] | undefined;
  /** Which way the errors lean; cutting off in place of rounding shows here, and hardly in r. */
  readonly lean?: Lean | undefined;
  /** Present where the tap is not clean. */
  readonly values?: readonly ValuePair[] | undefined;
}

/** The first tap that is dirty while its inputs are clean. */
export interface First {
  readonly tap: string;
  readonly r: number;
  readonly noise: number;
  readonly z: number;
  readonly row: number;
  /** As of the tap. */
  readonly excess?: number | undefined;
  readonly column?: number | undefined;
  readonly measure?: Measure | undefined;
  /** The taps it is computed from that were there, and how far off each is. */
  readonly inputs: readonly { readonly tap: string; readonly z: number; readonly excess?: number | undefined }[];
  /** Inputs that the candidate does not have: the fault is in one of them, or here. Empty: it is here. */
  readonly missing: readonly string[];
  /** Whether it is dirty by its lean alone; z is then the lean's. */
  readonly leaning?: boolean | undefined;
}

/** How well a mutant of the reference agrees with the candidate. */
export interface Suspect {
  /** "rope-interleaved"; see mutants.ts. */
  readonly code: string;
  /** Which one of a family of values, in words: "theta 10000". */
  readonly variant?: string | undefined;
  /** Candidate against mutant, in noises: about 1 where they are the same. */
  readonly z: number;
  /** How many times nearer than the next code (for the first: the runner-up; for others: the best) and than no mutant. */
  readonly margin: number;
}

/** Where a candidate first has a value that is not finite. */
export interface NotFinite {
  readonly tap: string;
  readonly row: number;
  readonly column: number;
  readonly value: "NaN" | "Infinity" | "-Infinity";
}

/** How much of what could be compared was. */
export interface Coverage {
  /** Taps compared, and taps that the reference (or, of a replay, the model's chosen layers) has. */
  readonly taps: number;
  readonly of: number;
  /** (tap, row) pairs compared / those there could be: what --min-coverage looks at. */
  readonly fraction: number;
  /** Taps that are not in both. */
  readonly missing: readonly string[];
}

/** What compare, replay or diagnose found. */
export interface Report {
  readonly schema: "oracle-report/1";
  readonly command: "compare" | "replay" | "diagnose";
  readonly verdict: Verdict;
  readonly first: First | null;
  /** In the order in which they are computed. */
  readonly taps: readonly TapResult[];
  /** Best first; empty unless diagnosed. */
  readonly diagnosis: readonly Suspect[];
  /** After a diagnosis: whether no mutant fits. */
  readonly none?: boolean | undefined;
  /** The rounding the candidate was granted: the policy that its manifest names, or `--policy`. */
  readonly policy: string;
  /** The candidate's engine, in its own words. */
  readonly engine: string | undefined;
  /** Layers of the model, and every position of which a row was compared. */
  readonly layers: number;
  readonly rows: readonly number[];
  readonly coverage: Coverage;
  /** What a reader must know: provenance that could not be checked, taps passed over. One sentence each. */
  readonly notes: readonly string[];
  /** Why nothing can be said, where the verdict is `incomparable`. */
  readonly incomparable?: string | undefined;
  readonly notFinite?: NotFinite | undefined;
  /** From how many noises on a tap warns and fails, where no measure of its own says otherwise. */
  readonly warnAbove: number;
  readonly failAbove: number;
  /** What judged every tap that has no measure of its own; in noises unless told. */
  readonly measure?: Measure | undefined;
  /** The file that gives some taps a measure of their own. */
  readonly budget?: string | undefined;
}

/** What every report says that has nothing to show. */
function bare(command: Report["command"], manifest: Manifest): Omit<Report, "verdict"> {
  return {
    schema: "oracle-report/1",
    command,
    first: null,
    taps: [],
    diagnosis: [],
    none: command === "diagnose" ? true : undefined,
    policy: manifest.policy,
    engine: manifest.engine,
    layers: manifest.taps.reduce((most, { name }) => Math.max(most, 1 + (parts(name).layer ?? -1)), 0),
    rows: [],
    coverage: { taps: 0, of: manifest.taps.length, fraction: 0, missing: manifest.taps.map(({ name }) => name) },
    notes: [],
    warnAbove: WARN,
    failAbove: FAIL,
  };
}

/** The report of an engine that cannot be judged, and why. */
export function incomparableReport(command: Report["command"], incomparable: string, manifest: Manifest): Report {
  return { ...bare(command, manifest), verdict: "incomparable", incomparable };
}

/** The report of an engine that overflowed. */
export function notFiniteReport(command: Report["command"], notFinite: NotFinite, manifest: Manifest): Report {
  return { ...bare(command, manifest), verdict: "fail", notFinite };
}
