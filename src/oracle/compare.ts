/**
 * Compare: a candidate's taps beside a reference's, row by row, in units of the noise that a whole run accumulates.
 */
import { isDeepStrictEqual } from "node:util";
import { FormatError } from "../errors.ts";
import { host } from "../tensor.ts";
import type { Bundle } from "./bundle-read.ts";
import type { TapEntry } from "./bundle.ts";
import { firstNotFinite, type Given, rowsGiven } from "./candidate.ts";
import { firstOf, verdictOf } from "./first.ts";
import { formatOf, rowBy, worstOf } from "./judge.ts";
import { type JudgedBy, type Measures, measuresOf } from "./budget.ts";
import { boundsOf, type Measure, stateOf } from "./measure.ts";
import { countUlps, relative } from "./metrics.ts";
import type { WeightsOption } from "./numbers/quantised.ts";
import { keptRow } from "./numbers/kv.ts";
import { parts } from "./graph.ts";
import type { Noise, TapNoise } from "./noise-file.ts";
import { floorOf, type Policy, policyFor } from "./numbers/policies.ts";
import { checkProvenance } from "./provenance.ts";
import { positions } from "./replay.ts";
import { type Coverage, notFiniteReport, type Report, type RowResult, type TapResult } from "./report.ts";
import { chosenRows } from "./select.ts";
import { SKETCH, sketch } from "./sketch.ts";
import { tapNames } from "./taps.ts";

/** How two bundles are compared. */
export interface CompareOptions extends JudgedBy {
  /** How the candidate rounds; as its manifest says unless told. */
  readonly policy?: string | undefined;
  /** How the candidate keeps keys and values: f32, bf16, f16, int8, q8_0; as its manifest says unless told. */
  readonly kvDtype?: string | undefined;
  /** Whether the reference has the candidate's own weights, or those that it quantised: what that does is then granted. */
  readonly weights?: WeightsOption | undefined;
  /** Whether a tap or row of the reference that the candidate lacks makes the two incomparable. */
  readonly strict?: boolean | undefined;
  /** The positions that are compared: "all", "last", "skip-first" or "0,4-7"; all unless told. */
  readonly rows?: string | undefined;
  /** Noise in place of the reference's own: asked for where it has none of the policy. */
  readonly noise?: ((policy: Policy, want: (name: string) => boolean) => Noise) | undefined;
}

/** What every report has besides its taps. */
type Frame = Pick<
  Report,
  "schema" | "command" | "policy" | "engine" | "layers" | "warnAbove" | "failAbove" | "measure" | "budget" | "diagnosis"
>;

/**
 * Compares what two bundles have in common.
 *
 * throws   UsageError E_ARG_POLICY, E_ARG_KV, E_ARG_WEIGHTS, E_ARG_ROWS, E_ARG_BOUND; FormatError E_BUDGET_PATTERN, E_PROV_IDS, E_PROV_MODEL (another prompt or
 *          model), E_CMP_SHAPE, E_CMP_SKETCH (sketches of two kinds, or bounds on one), E_CMP_MISSING (nothing in common, or, if strict, not everything),
 *          E_CMP_NOISE (no noise of this policy is known, and no bounds take its place); as Bundle's `read`
 */
export function compareBundles(reference: Bundle, candidate: Bundle, options: CompareOptions = {}): Report {
  const policy = policyFor(candidate.manifest, options);
  const notes = checkProvenance(reference, candidate);
  const layers = layersOf(reference);
  const measures = measuresOf(options, layers);
  const bounds = boundsOf(options.kappa);
  const wanted = chosenRows(options.rows ?? "all", reference.manifest.input.ids.length);
  const frame: Frame = {
    schema: "oracle-report/1",
    command: "compare",
    policy: policy.name,
    engine: candidate.manifest.engine,
    layers,
    diagnosis: [],
    measure: measures.usual,
    budget: options.budget?.path,
    ...bounds,
  };
  const broken = firstNotFinite(candidate);
  if (broken !== undefined) return { ...notFiniteReport("compare", broken, candidate.manifest), notes };
  const names = tapNames(layers).filter((name) => [reference, candidate].every((bundle) => bundle.entry(name)));
  const noisy = names.filter((name) => isNoisy(measures.of(name)));
  const noise = noiseOf(reference, policy, noisy, options);
  const how = { policy, measures, wanted };
  const taps = names.flatMap((name) => compareTap(reference, candidate, name, noise.get(name), how) ?? []);
  const coverage = coverageOf(taps, reference, wanted);
  checkThere(coverage, candidate.path, options.strict === true);
  return {
    ...frame,
    verdict: verdictOf(taps, bounds),
    first: firstOf(taps, layers, false, bounds),
    taps,
    rows: positions(taps),
    coverage,
    notes,
  };
}

/** Layers of the model, as far as the bundle tells. */
export function layersOf({ manifest }: Bundle): number {
  return manifest.taps.reduce((most, { name }) => Math.max(most, 1 + Number(/^\d+(?=\.)/.exec(name)?.[0] ?? -1)), 0);
}

/** The noise of a policy, in which those taps are; others may be. */
function noiseOf(
  reference: Bundle,
  policy: Policy,
  names: readonly string[],
  { noise }: CompareOptions,
): ReadonlyMap<string, TapNoise> {
  const stored = reference.noise?.get(policy.name) ?? new Map<string, TapNoise>();
  if (names.every((name) => stored.has(name))) return stored;
  const wanted = new Set(names);
  const measured = noise?.(policy, (name) => wanted.has(name)).get(policy.name);
  if (measured !== undefined) return measured;
  throw new FormatError("E_CMP_NOISE", reference.path, {
    path: reference.path,
    expected: `the noise of ${policy.name}`,
    actual: reference.noise === undefined ? "no noise.json" : `only that of ${[...reference.noise.keys()].join(", ")}`,
    hint: "Give -m MODEL, so that it can be measured, or record with --noise all.",
  });
}

/** How a tap is judged, and at which positions. */
interface How {
  readonly policy: Policy;
  readonly measures: Measures;
  readonly wanted: ReadonlySet<number>;
}

/** `undefined` where the two have no row in common. */
function compareTap(
  reference: Bundle,
  candidate: Bundle,
  name: string,
  noise: TapNoise | undefined,
  { policy, measures, wanted }: How,
): TapResult | undefined {
  const measure = measures.of(name);
  const [a, b] = [reference.entry(name)!, candidate.entry(name)!];
  checkShapes(a, b, reference, candidate);
  const theirs = new Set(b.rows);
  const common = a.rows.filter((row) => theirs.has(row) && wanted.has(row));
  if (common.length === 0) return undefined;
  const sketched = a.width !== undefined || b.width !== undefined;
  if (sketched && measure.by === "bounds") throw onlySketched(a.width === undefined ? candidate : reference, name);
  const [x, y] = [rowsOf(reference, a, sketched), rowsOf(candidate, b, sketched)];
  const ulps: number[] = [];
  const { u } = formatOf(name, policy);
  const rows = common.map((row): RowResult => {
    const expected = { data: x.data, at: x.at(row) };
    const actual = { data: y.data, at: y.at(row) };
    const r = relative(expected, actual, x.width);
    const granted = noise === undefined ? NaN : Math.max(floorOf(policy), noise.cumulative[row] ?? 0);
    const own = granted + cached(name, x, row, sketched, policy);
    if (!sketched) countUlps(expected, actual, x.width, u, ulps);
    return rowBy(measure, { row, r, noise: own, z: r / own }, expected, actual, x.width, policy);
  });
  const worst = worstOf(rows);
  const clean = stateOf(worst, measure.by === "noise" ? measure : boundsOf()) === "pass";
  const values = clean || sketched ? undefined : worstValues(worst.row, x, y);
  const sketch = sketched || undefined;
  return { tap: name, ...worst, measure, rows, ulps: sketched ? undefined : ulps, values, sketch };
}

/**
 * What the cache's format may have done to a row of keys or values besides: they may be told as they were computed, or as
 * they stand there. The size of a head is not known here; blocks of a whole row grant the more.
 */
function cached(name: string, x: Given, row: number, sketched: boolean, { kv }: Policy): number {
  if (kv === undefined || !["kr", "v"].includes(parts(name).short)) return 0;
  if (sketched) return kv.error;
  const from = x.at(row);
  const whole = Float64Array.from(x.data.subarray(from, from + x.width));
  const made = keptRow(whole, { format: kv, D: x.width });
  return relative({ data: whole, at: 0 }, { data: made, at: 0 }, x.width);
}

/** Whether a tap is judged by noise that has to be known. */
function isNoisy(measure: Measure): boolean {
  return measure.by === "noise" && measure.noise === undefined;
}

function onlySketched({ path }: Bundle, tensor: string): FormatError {
  return new FormatError("E_CMP_SKETCH", path, {
    path,
    tensor,
    expected: "whole values, which bounds are about",
    actual: "a sketch",
    hint: "Record with --tier full or resid, or judge it in noises.",
  });
}

function rowsOf(bundle: Bundle, { name, rows, width }: TapEntry, sketched: boolean): Given {
  const whole = bundle.read(name)!;
  const { shape, data } = sketched && width === undefined ? sketch(host(whole.shape, whole.data)) : whole;
  return rowsGiven(shape[1]!, data, rows);
}

const SHOWN = 8;

function worstValues(row: number, x: Given, y: Given) {
  const all = Array.from({ length: x.width }, (_, column) => ({
    row,
    column,
    expected: x.data[x.at(row) + column]!,
    actual: y.data[y.at(row) + column]!,
  }));
  const error = ({ expected, actual }: (typeof all)[number]) => Math.abs(actual - expected);
  return all.sort((a, b) => error(b) - error(a) || a.column - b.column).slice(0, SHOWN);
}

/** Widths of the activations, and kinds of sketches, must be the same. */
function checkShapes(a: TapEntry, b: TapEntry, reference: Bundle, candidate: Bundle): void {
  const [ours, theirs] = [a.width ?? a.shape[1], b.width ?? b.shape[1]];
  const { path } = candidate;
  for (const [entry, bundle] of [[a, reference] as const, [b, candidate] as const]) {
    if (entry.width === undefined || isDeepStrictEqual(bundle.manifest.sketch, SKETCH)) continue;
    throw new FormatError("E_CMP_SKETCH", bundle.path, {
      path: bundle.path,
      tensor: entry.name,
      expected: `a sketch of ${JSON.stringify(SKETCH)}`,
      actual: JSON.stringify(bundle.manifest.sketch),
      hint: "Sketch it as qwq oracle record does.",
    });
  }
  if (ours !== theirs) {
    throw new FormatError("E_CMP_SHAPE", path, {
      path,
      tensor: a.name,
      expected: `rows of ${ours}, as the reference's`,
      actual: `${theirs}`,
      hint: "Compare runs of one model.",
    });
  }
}

function checkThere({ taps, missing, fraction }: Coverage, path: string, strict: boolean): void {
  if (taps > 0 && (!strict || fraction === 1)) return;
  const rows =
    missing.length === 0 ? "some rows" : missing.slice(0, 4).join(", ") + (missing.length > 4 ? ", ..." : "");
  throw new FormatError("E_CMP_MISSING", path, {
    path,
    expected:
      taps > 0 ? "every tap and row of the reference, since --strict was given" : "a tap and row of the reference",
    actual: taps > 0 ? `all but ${rows}` : "none",
    hint:
      taps > 0
        ? "Record them too, or leave --strict out."
        : "Name taps as the page does, 0.qr, 0.out, logits, and give rows their positions in the prompt.",
  });
}

function coverageOf(taps: readonly TapResult[], { manifest }: Bundle, wanted: ReadonlySet<number>): Coverage {
  const there = new Set(taps.map(({ tap }) => tap));
  const rows = manifest.taps.reduce((sum, tap) => sum + tap.rows.filter((row) => wanted.has(row)).length, 0);
  return {
    taps: taps.length,
    of: manifest.taps.length,
    fraction: taps.reduce((sum, tap) => sum + tap.rows.length, 0) / Math.max(1, rows),
    missing: manifest.taps.map(({ name }) => name).filter((name) => !there.has(name)),
  };
}
