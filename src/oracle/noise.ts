/**
 * The noise of correct engines, measured: the oracle runs itself in float64 and under rounding policies, and keeps how
 * far they part, tap by tap and row by row.
 *
 *   local        each tap computed from the clean inputs of the float64 run
 *   cumulative   each tap of a whole run under the policy
 *
 * Each is |policy - truth| / |truth|, the largest over the policy's ways to compute.
 */
import type { Config } from "../config.ts";
import type { Weights } from "../weights.ts";
import { anchoredLayer, type LayerRun } from "./anchored.ts";
import { rowsGiven, type Taps } from "./candidate.ts";
import { relative } from "./metrics.ts";
import { oracleOpsOf } from "./numbers/ops.ts";
import { type Policy, type Run, runsOf, TRUTH } from "./numbers/policies.ts";
import { range, type Rows } from "./numbers/rows.ts";
import type { Expectation } from "./judge.ts";
import type { Noise, TapNoise } from "./noise-file.ts";
import { ending, type Stop, walk } from "./walk.ts";

/** Whose noise is measured, and of what. */
export interface NoiseOptions {
  readonly policies: readonly Policy[];
  /** Of these taps; all unless told. */
  readonly want?: ((name: string) => boolean) | undefined;
  /** Whether local noise is measured too, which takes as long again; true unless told. */
  readonly local?: boolean | undefined;
  /** Told after each step: steps done, of how many. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Measures the noise of a model on a prompt. Every policy costs as many runs as it has ways to compute. */
export function measureNoise(
  { weights, config }: { readonly weights: Weights; readonly config: Config },
  ids: Uint32Array,
  { policies, want = () => true, local = true, onProgress }: NoiseOptions,
): Noise {
  const runs = [TRUTH, ...policies.flatMap(runsOf)];
  const noise = new Map(policies.map(({ name }) => [name, new Map<string, TapNoise>()]));
  const all = range(ids.length);
  let done = 0;
  for (const stop of walk({ weights, config, ids, taps: () => undefined, runs })) {
    const anchored = local ? anchoredOnTruth(stop, runs, weights) : undefined;
    for (const [name, expectation] of stop.expectations) {
      if (!want(name)) continue;
      const cumulative = errorsOf(expectation, all);
      const near = anchored?.get(name) === undefined ? undefined : errorsOf(anchored.get(name)!, all);
      let at = 0;
      for (const { name: policy, ways } of policies) {
        const most = (errors: readonly number[][]) =>
          all.map((t) => Math.max(0, ...finite(errors.slice(at, at + ways.length).map((run) => run[t]!))));
        noise
          .get(policy)!
          .set(name, { cumulative: most(cumulative), local: near === undefined ? undefined : most(near) });
        at += ways.length;
      }
    }
    onProgress?.(++done, config.layers + 2);
  }
  return noise;
}

/** A way to compute that overflows says nothing of the others. */
function finite(errors: readonly number[]): number[] {
  return errors.filter(Number.isFinite);
}

/** For each noisy run, the relative error of each row. */
function errorsOf({ truth, noisy }: Expectation, rows: readonly number[]): number[][] {
  const width = truth.shape[1];
  const x = truth.need(rows);
  return noisy.map((run) => {
    const y = run.need(rows);
    return rows.map((t) => relative({ data: x, at: t * width }, { data: y, at: t * width }, width));
  });
}

/** The same stop with every operation fed with the truth. */
function anchoredOnTruth({ runs: layerRuns, expectations }: Stop, runs: readonly Run[], weights: Weights) {
  const truths: Taps = (name) => {
    const truth = expectations.get(name)?.truth;
    return truth === undefined ? undefined : rowsGiven(truth.shape[1], truth.all(), range(truth.shape[0]));
  };
  const each: Readonly<Record<string, Rows>>[] = [];
  const [first] = layerRuns;
  if (first !== undefined) {
    const { layer } = first;
    for (const ops of oracleOpsOf(runs)) {
      const from: LayerRun = { ...first, ops };
      each.push(prefixed(anchoredLayer(from, truths), layer));
    }
  } else if (expectations.has("norm")) {
    for (const ops of oracleOpsOf(runs)) {
      const { logits } = ending(expectations.get("norm")!.truth, { weights, taps: truths }, ops);
      each.push({ logits });
    }
  }
  const names = Object.keys(each[0] ?? {});
  return new Map(
    names.map((name): [string, Expectation] => [
      name,
      { truth: expectations.get(name)!.truth, noisy: each.slice(1).map((made) => made[name]!) },
    ]),
  );
}

function prefixed(made: Readonly<Record<string, Rows>>, layer: number): Record<string, Rows> {
  return Object.fromEntries(Object.entries(made).map(([short, rows]) => [`${layer}.${short}`, rows]));
}
