/**
 * One tap of an engine beside what it should be, and beside the noise of its way of rounding.
 */
import type { Given } from "./candidate.ts";
import { parts } from "./graph.ts";
import { countUlps, lean, relative, type Row } from "./metrics.ts";
import { F32, type Rounding, truncating } from "./numbers/formats.ts";
import { keptRow, type KeptRows } from "./numbers/kv.ts";
import { floorOf, type Policy } from "./numbers/policies.ts";
import type { Rows } from "./numbers/rows.ts";
import { boundsOf, excessOf, type Measure, stateOf } from "./measure.ts";
import type { Lean, RowResult, TapResult, ValuePair } from "./report.ts";

/** Pairs of values shown of a tap that is not clean. */
const SHOWN = 8;

/** A tap as it should be: the truth, and what rounding in each of a policy's ways makes of it. */
export interface Expectation {
  readonly truth: Rows;
  readonly noisy: readonly Rows[];
}

/**
 * Row by row: r = |given - truth| / |truth|, and its noise, the largest such r of the policy's own ways to compute, or
 * the floor if that is larger.
 */
export function rowResults({ truth, noisy }: Expectation, given: Given, policy: Policy, skip?: number): RowResult[] {
  const { width } = given;
  const rows = given.rows.filter((row) => row !== skip);
  const x = truth.need(rows);
  const others = noisy.map((run) => run.need(rows));
  return rows.map((row) => {
    const expected = { data: x, at: row * width };
    const r = relative(expected, { data: given.data, at: given.at(row) }, width);
    const each = others.map((data) => relative(expected, { data, at: row * width }, width));
    if (given.kept !== undefined) each.push(...keptErrors([x, ...others], row, width, given.kept));
    const noise = Math.max(floorOf(policy), ...each.filter(Number.isFinite)); // a way that overflows says nothing
    return { row, r, noise, z: r / noise };
  });
}

/** How far from the first each of these rows is when it has been in the cache. */
function keptErrors(runs: readonly Float64Array[], row: number, width: number, kept: KeptRows): number[] {
  const from = row * width;
  return runs.map((data) => {
    const made = keptRow(data.slice(from, from + width), kept);
    return relative({ data: runs[0]!, at: from }, { data: made, at: 0 }, width);
  });
}

/** The row with the largest excess or, where no bounds judge, the largest z; the first of equals. */
export function worstOf(rows: readonly RowResult[]): RowResult {
  const off = ({ z, excess }: RowResult) => excess ?? z;
  return rows.reduce((worst, row) => (off(row) > off(worst) ? row : worst));
}

/** A row, of which r and its noise are known, by what judges it. */
export function rowBy(measure: Measure, known: RowResult, x: Row, y: Row, width: number, policy: Policy): RowResult {
  if (measure.by === "bounds") return { ...known, ...excessOf(x, y, width, measure) };
  if (measure.noise === undefined) return known;
  const noise = Math.max(floorOf(policy), measure.noise);
  return { ...known, noise, z: known.r / noise };
}

/** Everything that is said of a tap. `given` has at least one row. */
export function judgeTap(
  name: string,
  expectation: Expectation,
  given: Given,
  policy: Policy,
  measure: Measure = { by: "noise", ...boundsOf() },
): TapResult {
  const x = expectation.truth.need(given.rows);
  const { width } = given;
  const rows = rowResults(expectation, given, policy).map((known) => {
    const expected = { data: x, at: known.row * width };
    return rowBy(measure, known, expected, { data: given.data, at: given.at(known.row) }, width, policy);
  });
  const worst = worstOf(rows);
  const { u } = formatOf(name, policy);
  const ulps: number[] = [];
  for (const row of given.rows) {
    const y = { data: given.data, at: given.at(row) };
    countUlps({ data: x, at: row * given.width }, y, given.width, u, ulps);
  }
  const clean = stateOf(worst, measure.by === "noise" ? measure : boundsOf()) === "pass";
  const values = clean ? undefined : pairs(worst.row, expectation.truth, given);
  const lean = leanOf(expectation, given, u);
  return { tap: name, ...worst, measure, rows, ulps, values, lean };
}

/** The format of a tap: of the residual stream, or of the other activations. */
export function formatOf(name: string, policy: Policy): Rounding {
  return ["embed", "mid", "out"].includes(parts(name).short) ? policy.residual : policy.store;
}

function pairs(row: number, truth: Rows, { width, data, at }: Given): ValuePair[] {
  const x = truth.need([row]);
  const all = Array.from({ length: width }, (_, column) => ({
    row,
    column,
    expected: x[row * width + column]!,
    actual: data[at(row) + column]!,
  }));
  const error = ({ expected, actual }: ValuePair) => Math.abs(actual - expected);
  return all.sort((a, b) => error(b) - error(a) || a.column - b.column).slice(0, SHOWN);
}

/** A lean is believed from a quarter of an ulp on; rounding to nearest has none, and cutting off half an ulp. */
const LEAN = 0.25;
/** In float32, an engine cuts off if so many of its values are the truth cut off, and no more than so many rounded. */
const CUT = 0.9;
const ROUNDED = 0.7;

/**
 * Whether the errors lean towards zero: the mean over rows of their mean in ulps, as far as it lies outside what the
 * policy's own ways of rounding give, in its standard errors. Rows are taken as one each, since errors within a row need
 * not be independent, and rows that are the same as one.
 *
 * In float32 long sums lean too, by the engine's order, so there only values that are exactly the truth cut off count. Of
 * what was read from a cache in another format, an ulp is a step of that.
 */
export function leanOf({ truth, noisy }: Expectation, given: Given, u: number): Lean | undefined {
  const { width } = given;
  const x = truth.need(given.rows);
  const rows = distinct(given.rows, x, width);
  const { kept } = given;
  const steps = (row: number) => kept?.format.steps(x.slice(row * width, (row + 1) * width), kept.D);
  if (noisy.length === 0 || rows.length === 0) return undefined;
  const leanings = (at: (row: number) => number, data: ArrayLike<number>) =>
    rows.map((row) => lean({ data: x, at: row * width }, { data, at: at(row) }, width, steps(row) ?? u));
  const theirs = leanings((row) => given.at(row), given.data);
  const mean = average(theirs, (row) => row.mean);
  const own = noisy.map((run) =>
    average(
      leanings((row) => row * width, run.need(rows)),
      (row) => row.mean,
    ),
  );
  const ulps = mean - Math.max(Math.min(0, ...own), Math.min(mean, Math.max(0, ...own)));
  const n = rows.length;
  const between = n < 2 ? 0 : average(theirs, (row) => (row.mean - mean) ** 2) / (n - 1);
  const within = average(theirs, (row) => row.variance) / (width * n);
  const believed = Math.abs(ulps) > LEAN && (u > F32.u || kept !== undefined || isCut(rows, x, given));
  return { ulps, z: believed ? Math.abs(ulps) / Math.sqrt(Math.max(between, within, 1e-12)) : 0 };
}

function isCut(rows: readonly number[], x: ArrayLike<number>, { width, data, at }: Given): boolean {
  const { round } = truncating(F32);
  let [cut, rounded, all] = [0, 0, 0];
  for (const row of rows) {
    for (let c = 0; c < width; c++) {
      const [expected, actual] = [x[row * width + c]!, data[at(row) + c]!];
      if (actual === round(expected)) cut++;
      if (actual === Math.fround(expected)) rounded++;
      all++;
    }
  }
  return cut > CUT * all && rounded < ROUNDED * all;
}

/** Of rows that are the same, as those of repeated tokens may be, the first: their errors are one. */
function distinct(rows: readonly number[], x: ArrayLike<number>, width: number): number[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const key = Array.from({ length: Math.min(8, width) }, (_, c) => Math.fround(x[row * width + c]!)).join();
    return !seen.has(key) && seen.add(key);
  });
}

function average<V>(values: readonly V[], of: (value: V) => number): number {
  return values.reduce((sum, value) => sum + of(value), 0) / values.length;
}
