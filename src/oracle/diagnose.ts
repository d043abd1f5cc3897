/**
 * Diagnose: which known bug makes the page do what the engine did.
 *
 * At the first tap that is dirty, every mutant of the page is run on the engine's own inputs, and the engine is measured
 * against it in units of the mutant's own rounding noise. A mutant must also be right about whatever else it changes, and
 * about the taps that are made together with the first (q with k and v, qr with kr, gate with up).
 */
import type { Checkpoint } from "../files/checkpoint.ts";
import { anchoredLayer, type Expected, overlaid } from "./anchored.ts";
import type { Bundle } from "./bundle-read.ts";
import { type Given, rowsGiven, type Taps, within } from "./candidate.ts";
import { parts, type Short } from "./graph.ts";
import { type Expectation, formatOf, leanOf, rowResults, worstOf } from "./judge.ts";
import { oracleOps } from "./numbers/ops.ts";
import { relative } from "./metrics.ts";
import { BF16, F16, type Rounding, truncating } from "./numbers/formats.ts";
import { type Policy, policyOf } from "./numbers/policies.ts";
import { asRows, asTensor, range, type Rows } from "./numbers/rows.ts";
import { endingMutants, endings } from "./mutants/ending.ts";
import { mutantsOf } from "./mutants/index.ts";
import type { Mutant, Scene } from "./mutants/mutant.ts";
import { replay, type ReplayOptions, walkOf } from "./replay.ts";
import { FAIL } from "./measure.ts";
import type { First, Report, Suspect } from "./report.ts";
import { chosenRows } from "./select.ts";
import { type Stop, type Walk, walk } from "./walk.ts";

/** Where a bug is looked for. */
export interface DiagnoseOptions extends ReplayOptions {
  /** The one layer to look at; the first that is dirty unless told. */
  readonly layer?: number | undefined;
}

/** A code with how well it fits. */
interface Fit {
  readonly code: string;
  readonly variant: string | undefined;
  readonly z: number;
  /** How well no change at all fits the same taps. */
  readonly unchanged: number;
}

/**
 * Replays the bundle, and holds the mutants against its first dirty tap. `none` is true where the best is further than
 * six noises away, or no nearer than the page without a change.
 *
 * throws   as `replay`
 */
export function diagnose(bundle: Bundle, checkpoint: Checkpoint, options: DiagnoseOptions = {}): Report {
  const layers = options.layer === undefined ? options.layers : `${options.layer}`;
  const report = replay(bundle, checkpoint, { ...options, layers });
  const policy = policyOf(report.policy);
  const { first } = report;
  if (first === null) return { ...report, command: "diagnose", diagnosis: [], none: true };
  const way = walkOf(bundle, checkpoint, policy, layers);
  const wanted = options.rows === undefined ? undefined : chosenRows(options.rows, way.ids.length);
  const judged: Taps = (name) => {
    const given = way.taps(name);
    return given === undefined ? undefined : within(given, wanted);
  };
  const fits = bestOfEach(fitsAt(first, way, judged, checkpoint, policy));
  const [best] = fits;
  const none = best === undefined || best.z > FAIL || best.z > best.unchanged / 2;
  return { ...report, command: "diagnose", diagnosis: suspects(fits), none };
}

/** How well each mutant fits the first dirty tap, and what goes with it. */
function fitsAt(first: First, way: Walk, judged: Taps, checkpoint: Checkpoint, policy: Policy): Fit[] {
  const { layer } = parts(first.tap);
  for (const stop of walk(way)) {
    if (!stop.expectations.has(first.tap)) continue;
    const leaning = first.leaning === true;
    if (first.tap === "embed") return []; // a row that is looked up: no mutant changes it
    if (layer === undefined) return fitsOfEnding(first.tap, stop, { taps: way.taps, judged }, checkpoint, policy);
    const place: Place = { first: first.tap, stop, taps: way.taps, judged, policy, leaning };
    const scene = sceneOf(stop, way.taps, checkpoint.config.context);
    return [...mutantsOf(scene).flatMap((mutant) => fitOf(mutant, place) ?? []), truncation(place)];
  }
  return [];
}

/** What every mutant of a layer is held against. */
interface Place {
  readonly first: string;
  readonly stop: Stop;
  /** What the engine gave, and what of it is looked at. */
  readonly taps: Taps;
  readonly judged: Taps;
  readonly policy: Policy;
  /** Whether the first tap is dirty by its lean alone, so that every mutant must explain that. */
  readonly leaning: boolean;
}

function sceneOf({ runs, expectations }: Stop, taps: Taps, context: number): Scene {
  const run = runs[0]!;
  const clean = Object.fromEntries(
    [...expectations].map(([name, { truth }]) => [name.slice(name.indexOf(".") + 1), truth]),
  );
  const inputs = (short: string) =>
    asRows(overlaid(run.ops, asTensor<"T C">(clean[short]!), `${run.layer}.${short}`, taps));
  return { run, clean, taps, inputs, context };
}

/** Taps that are made together: a mutant is asked about all of them. */
const TOGETHER: readonly (readonly string[])[] = [
  ["q", "k", "v"],
  ["qr", "kr"],
  ["gate", "up"],
];

/** `undefined` where the mutant does not touch the first dirty tap. */
function fitOf(mutant: Mutant, place: Place): Fit | undefined {
  const { first, stop, taps, judged, policy, leaning } = place;
  const made = stop.runs.map((run) => anchoredLayer(mutant.edit(run), taps));
  const { layer, short } = parts(first);
  const cleanOf = (name: string) => stop.expectations.get(`${layer!}.${name}`)!;
  const changed = (name: string) => made[0]![name as Short].id !== cleanOf(name).truth.id;
  if (!changed(short) || same(made[0]![short as Short], cleanOf(short).truth, judged(first)!)) return undefined;
  const together = TOGETHER.find((group) => group.includes(short)) ?? [short];
  const names = Object.keys(made[0]!).filter((name) => changed(name) || together.includes(name));
  let [z, unchanged] = [0, 0];
  for (const name of [short, ...names.filter((other) => other !== short)]) {
    const given = judged(`${layer!}.${name}`);
    if (given === undefined || given.rows.length === 0) continue;
    const lean = leaning && name === short;
    unchanged = Math.max(unchanged, misfit(cleanOf(name), given, policy, undefined, lean));
    const untouched = name !== short && same(made[0]![name as Short], cleanOf(name).truth, given);
    if (untouched && !together.includes(name)) continue; // changed only at positions that were not given
    if (mutant.rounds === true && !untouched && !ofSize(made[0]![name as Short], cleanOf(name).truth, given))
      z = Infinity;
    const far =
      lean || mutant.rounds === true
        ? 0
        : worstAgainst(made[0]![name as Short], cleanOf(name), given, policy, mutant.skipRow);
    // What is far off in units of the clean noise will not be near in its own: that is not measured.
    const own =
      far > FAR && far > unchanged / 8
        ? far
        : misfit(expectationOf(made, name as Short, mutant, cleanOf(name)), given, policy, mutant, lean);
    z = Math.max(z, own);
  }
  return { code: mutant.code, variant: mutant.variant, z, unchanged };
}

/** Noises beyond which a mutant's own noise makes no difference. */
const FAR = 100;

/** Whether the engine is about as far from the clean values as the mutant is: errors of rounding have a size. */
function ofSize(mutated: Rows, clean: Rows, given: Given): boolean {
  const [x, m] = [clean.need(given.rows), mutated.need(given.rows)];
  let [theirs, ours] = [0, 0];
  for (const row of given.rows) {
    const place = { data: x, at: row * given.width };
    theirs += relative(place, { data: given.data, at: given.at(row) }, given.width) ** 2;
    ours += relative(place, { data: m, at: row * given.width }, given.width) ** 2;
  }
  return theirs > ours / 9 && theirs < ours * 9;
}

/** A mutant's prediction; where the mutant is a matter of rounding, what it changes counts among the noise. */
function expectationOf(made: readonly Expected[], short: Short, { rounds }: Mutant, clean: Expectation): Expectation {
  const [truth, ...noisy] = made.map((expected) => expected[short]);
  return { truth: truth!, noisy: rounds === true ? [...noisy, clean.truth] : noisy };
}

/** The largest z of a tap's rows, or the lean's, if that is what is to be explained. */
function misfit(
  expectation: Expectation,
  given: Given,
  policy: Policy,
  mutant: Mutant | undefined,
  leaning: boolean,
): number {
  const rows = rowResults(expectation, given, policy, mutant?.skipRow);
  if (rows.length === 0) return 0;
  const n = rows.length;
  const paid = mutant?.fitted === undefined ? 1 : Math.sqrt(n / Math.max(1e-9, n - mutant.fitted));
  const z = worstOf(rows).z * paid;
  if (!leaning) return z;
  return Math.max(z, leanOf(expectation, given, policy.store.u)?.z ?? 0);
}

/** A lean is known to a tenth of an ulp or so. */
const LEAN_ERROR = 0.1;

/** Values cut off in place of rounded: what that makes of them is a number, and the engine's lean is held against its. */
function truncation({ first, stop, taps, judged, policy, leaning }: Place): Fit {
  const { short } = parts(first);
  const given = judged(first)!;
  const clean = stop.expectations.get(first)!;
  const { u } = formatOf(first, policy);
  const run = stop.runs[0]!;
  let z = Infinity;
  for (const steps of [policy.steps, truncating(policy.steps)]) {
    const cut = { ...policy, steps, store: truncating(policy.store), residual: truncating(policy.residual) };
    const predicted = anchoredLayer({ ...run, ops: oracleOps({ policy: cut, order: "exact" }) }, taps)[short as Short];
    z = Math.min(z, leaning ? leanMisfit(clean, predicted, given, u) : worstAgainst(predicted, clean, given, policy));
  }
  const shorter = [BF16, F16].filter((format) => format.u > u);
  z = Math.min(z, ...shorter.map((format) => cutTo(format, clean, given)));
  return { code: "round-truncate", variant: undefined, z, unchanged: misfit(clean, given, policy, undefined, leaning) };
}

/** Float32 of which only the digits of a shorter format are left: values either side of a step come out a step apart. */
function cutTo(format: Rounding, { truth }: Expectation, given: Given): number {
  const { round } = truncating(format);
  const x = truth.need(given.rows);
  let wrong = 0;
  for (const row of given.rows) {
    for (let c = 0; c < given.width; c++) {
      if (given.data[given.at(row) + c] !== round(x[row * given.width + c]!)) wrong++;
    }
  }
  const all = given.rows.length * given.width;
  return wrong > MOST_WRONG * all ? Infinity : 1 + wrong / all;
}

/** Of values cut off by another engine, so many may lie on the other side of a step. */
const MOST_WRONG = 0.02;

/** The engine against other values, in units of the noise of the clean ones. */
function worstAgainst(predicted: Rows, clean: Expectation, given: Given, policy: Policy, skip?: number): number {
  const own = rowResults(clean, given, policy, skip);
  const other = rowResults({ truth: predicted, noisy: [] }, given, policy, skip);
  return Math.max(0, ...other.map(({ r }, i) => r / own[i]!.noise));
}

/** The engine's lean beside that of values cut off. */
function leanMisfit({ truth }: Expectation, predicted: Rows, given: Given, u: number): number {
  const of = (rows: Given) => leanOf({ truth, noisy: [truth] }, rows, u)?.ulps ?? 0;
  const cut = rowsGiven(given.width, predicted.need(given.rows), range(truth.shape[0]));
  return Math.abs(of(given) - of({ ...cut, rows: given.rows })) / LEAN_ERROR;
}

/** The same for the final norm and the logits. */
function fitsOfEnding(
  tap: string,
  stop: Stop,
  { taps, judged }: Pick<Place, "taps" | "judged">,
  { weights }: Checkpoint,
  policy: Policy,
): Fit[] {
  const name = tap as "norm" | "logits";
  const given = judged(tap)!;
  const clean = stop.expectations.get(tap)!;
  const { xs, ways } = stop.end!;
  return endingMutants(weights).flatMap(({ code, variant, make }) => {
    const made = endings(make, xs, ways, weights, taps);
    const [truth, ...noisy] = made.map((both) => both[name]);
    if (same(truth!, clean.truth, given)) return [];
    const z = misfit({ truth: truth!, noisy }, given, policy, undefined, false);
    return [{ code, variant, z, unchanged: misfit(clean, given, policy, undefined, false) }];
  });
}

function same(a: Rows, b: Rows, given: Given): boolean {
  const [x, y] = [a.need(given.rows), b.need(given.rows)];
  return given.rows.every((row) => {
    for (let c = row * given.width; c < (row + 1) * given.width; c++) if (x[c] !== y[c]) return false;
    return true;
  });
}

/** The best variant of each code, best first. */
function bestOfEach(fits: readonly Fit[]): Fit[] {
  const best = new Map<string, Fit>();
  for (const fit of fits) if (fit.z < (best.get(fit.code)?.z ?? Infinity)) best.set(fit.code, fit);
  return [...best.values()].sort((a, b) => a.z - b.z || (a.code < b.code ? -1 : 1));
}

function suspects(fits: readonly Fit[]): Suspect[] {
  return fits.map(({ code, variant, z, unchanged }, i) => {
    const rival = i === 0 ? Math.min(fits[1]?.z ?? Infinity, unchanged) : fits[0]!.z;
    return { code, variant, z, margin: rival / Math.max(z, 1e-3) };
  });
}
