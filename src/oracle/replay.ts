/**
 * Replay: every tap of an engine computed again from the engine's own inputs, so that an error is blamed where it is
 * made and nowhere after.
 */
import { FormatError } from "../errors.ts";
import type { Checkpoint } from "../files/checkpoint.ts";
import type { Bundle } from "./bundle-read.ts";
import { type Given, tapsOf, within } from "./candidate.ts";
import { firstOf, verdictOf } from "./first.ts";
import { type Expectation, judgeTap } from "./judge.ts";
import { parts } from "./graph.ts";
import { type Policy, policyFor } from "./numbers/policies.ts";
import { range } from "./numbers/rows.ts";
import { type JudgedBy, type Measures, measuresOf } from "./budget.ts";
import { boundsOf } from "./measure.ts";
import type { WeightsOption } from "./numbers/quantised.ts";
import { checkWeights } from "./own-weights.ts";
import type { Coverage, First, Report, TapResult } from "./report.ts";
import { chosenLayers, chosenRows } from "./select.ts";
import { tapNames } from "./taps.ts";
import { type Walk, walk, withTruth } from "./walk.ts";

/** What is computed again, and how it is judged. */
export interface ReplayOptions extends JudgedBy {
  /** Layers as "0,31" or "0-3"; all unless told. Only their weights are read. */
  readonly layers?: string | undefined;
  /** How the engine rounds; as its manifest says unless told. */
  readonly policy?: string | undefined;
  /** How the engine keeps keys and values: f32, bf16, f16, int8, q8_0; as its manifest says unless told. */
  readonly kvDtype?: string | undefined;
  /** Whether the checkpoint's weights are the engine's own, or those that it quantised: what that does is then granted. */
  readonly weights?: WeightsOption | undefined;
  /** The positions that are judged: "all", "last", "skip-first" or "0,4-7"; all unless told. Inputs are never left out. */
  readonly rows?: string | undefined;
  /** Told after each tap: so many of all are done. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Judges every whole tap of `bundle` by the model's equations on the engine's own inputs. What the engine did not give is
 * computed from what it gave before, back to the token ids.
 *
 * throws   UsageError E_ARG_LAYERS, E_ARG_POLICY, E_ARG_KV, E_ARG_WEIGHTS, E_ARG_ROWS, E_ARG_BOUND; FormatError E_BUDGET_PATTERN, E_CMP_SHAPE,
 *          E_CMP_ROWS, E_CMP_MISSING where nothing can be judged; as Bundle's `read`
 */
export function replay(bundle: Bundle, checkpoint: Checkpoint, options: ReplayOptions = {}): Report {
  const { config } = checkpoint;
  checkWeights(options.weights, bundle.manifest, checkpoint);
  const policy = policyFor(bundle.manifest, options);
  const how = { policy, measures: measuresOf(options, config.layers) };
  const names = namesToReplay(bundle, config.layers, options.layers);
  const { taps, notes } = judged(walkOf(bundle, checkpoint, policy, options.layers), names, how, options);
  const bounds = boundsOf(options.kappa);
  if (taps.length === 0) throw nothing(bundle.path, notes);
  return {
    schema: "oracle-report/1",
    command: "replay",
    verdict: verdictOf(taps, bounds),
    first: withMissingRows(firstOf(taps, config.layers, true, bounds), bundle),
    taps,
    diagnosis: [],
    policy: policy.name,
    engine: bundle.manifest.engine,
    layers: config.layers,
    rows: positions(taps),
    coverage: coverage(taps, bundle, config.layers, options),
    notes,
    measure: how.measures.usual,
    budget: options.budget?.path,
    ...bounds,
  };
}

/**
 * Attention reads keys and values of every position up to its own: where the engine gave only some, the fault may lie in
 * those that it did not give.
 */
function withMissingRows(first: First | null, bundle: Bundle): First | null {
  if (first === null) return null;
  const { layer, short } = parts(first.tap);
  const through =
    short === "a" || first.missing.some((name) => parts(name).short === "a" && parts(name).layer === layer);
  if (!through) return first;
  const partly = ["kr", "v"]
    .map((input) => `${layer!}.${input}`)
    .filter((name) => {
      const rows = new Set(bundle.entry(name)?.rows ?? []);
      return !first.missing.includes(name) && range(first.row + 1).some((row) => !rows.has(row));
    });
  return { ...first, missing: [...first.missing, ...partly] };
}

/** The walk over a model, anchored on a bundle. */
export function walkOf(bundle: Bundle, { weights, config }: Checkpoint, policy: Policy, layers?: string): Walk {
  const ids = Uint32Array.from(bundle.manifest.input.ids);
  const only = layers === undefined ? undefined : chosenLayers(layers, config.layers);
  return { weights, config, ids, taps: tapsOf(bundle, config, policy), runs: withTruth(policy), layers: only };
}

/** The taps of the chosen layers that the bundle has whole; with all layers, those around them too. */
function namesToReplay(bundle: Bundle, layers: number, list: string | undefined): Set<string> {
  return new Set(namesOf(layers, list).filter((name) => bundle.entry(name)?.width === undefined && bundle.entry(name)));
}

function namesOf(layers: number, list: string | undefined): string[] {
  if (list === undefined) return tapNames(layers);
  const only = chosenLayers(list, layers);
  return tapNames(layers).filter((name) => only.has(Number(name.split(".")[0])));
}

/** How every tap is judged. */
interface How {
  readonly policy: Policy;
  readonly measures: Measures;
}

function judged(way: Walk, names: ReadonlySet<string>, how: How, { rows, onProgress }: ReplayOptions) {
  const wanted = rows === undefined ? undefined : chosenRows(rows, way.ids.length);
  const taps: TapResult[] = [];
  const notes: string[] = [];
  let done = 0;
  for (const { expectations } of walk(way)) {
    for (const [name, expectation] of expectations) {
      if (!names.has(name)) continue;
      const given = within(way.taps(name)!, wanted);
      const result = given.rows.length === 0 ? undefined : judgeIfThere(name, expectation, given, how, notes);
      if (result !== undefined) taps.push(result);
      onProgress?.(++done, names.size);
    }
  }
  return { taps, notes };
}

/** `undefined`, and a note, where the tap's inputs cannot be had. */
function judgeIfThere(
  name: string,
  expectation: Expectation,
  given: Given,
  { policy, measures }: How,
  notes: string[],
) {
  try {
    return judgeTap(name, expectation, given, policy, measures.of(name));
  } catch (error) {
    if (!(error instanceof FormatError) || error.code !== "E_CMP_MISSING") throw error;
    notes.push(`${name} was passed over: it needs ${error.expected!}.`);
    return undefined;
  }
}

/** Every position that was compared, ascending. */
export function positions(taps: readonly TapResult[]): number[] {
  return [...new Set(taps.flatMap(({ rows }) => rows.map(({ row }) => row)))].sort((a, b) => a - b);
}

function coverage(taps: readonly TapResult[], bundle: Bundle, layers: number, options: ReplayOptions): Coverage {
  const names = namesOf(layers, options.layers);
  const there = new Set(taps.map(({ tap }) => tap));
  const rows = taps.reduce((sum, tap) => sum + tap.rows.length, 0);
  const of = chosenRows(options.rows ?? "all", bundle.manifest.input.ids.length).size;
  return {
    taps: taps.length,
    of: names.length,
    fraction: rows / (names.length * of),
    missing: names.filter((name) => !there.has(name)),
  };
}

function nothing(path: string, notes: readonly string[]): FormatError {
  return new FormatError("E_CMP_MISSING", path, {
    path,
    expected: "a whole tap that can be computed from what comes before it",
    actual: notes.length === 0 ? "none in the chosen layers" : `${notes.length} that lack their inputs`,
    hint: "Record n1 to out of a layer, and what comes into it; sketches can only be compared.",
  });
}
