/**
 * From layer to layer, anchored on an engine's taps: what every operation of the model should have made of its inputs.
 */
import type { Config } from "../config.ts";
import { FormatError } from "../errors.ts";
import type { Weights } from "../weights.ts";
import { anchoredLayer, type Expected, handedOn, type LayerRun, overlaid } from "./anchored.ts";
import type { Taps } from "./candidate.ts";
import { inputOf, type Short } from "./graph.ts";
import type { Expectation } from "./judge.ts";
import { type OracleOps, oracleOps, oracleOpsOf } from "./numbers/ops.ts";
import { type Policy, type Run, runsOf, TRUTH } from "./numbers/policies.ts";
import { asRows, asTensor, Rows } from "./numbers/rows.ts";
import { LAYER_TAPS } from "./taps.ts";

/** What is walked: a model, a prompt, and how it is computed: the truth first, then a policy's ways. */
export interface Walk {
  readonly weights: Weights;
  readonly config: Config;
  readonly ids: Uint32Array;
  readonly taps: Taps;
  readonly runs: readonly Run[];
  /** The layers whose weights may be read; all unless told. */
  readonly layers?: ReadonlySet<number> | undefined;
}

/** One stop: taps in the order of the page, each as it should be; and how the layer was run, in every way. */
export interface Stop {
  readonly expectations: ReadonlyMap<string, Expectation>;
  readonly runs: readonly LayerRun[];
  /** After the layers: what comes out of the last, in every way. */
  readonly end?: { readonly xs: readonly Rows[]; readonly ways: readonly Run[] } | undefined;
}

/** The truth, which keeps keys and values as the policy does, and every way of a policy. */
export function withTruth(policy: Policy): Run[] {
  return [{ ...TRUTH, policy: { ...TRUTH.policy, kv: policy.kv } }, ...runsOf(policy)];
}

/** Embed, each layer that may be read, and norm with logits. Nothing is computed until it is asked for. */
export function* walk({ weights, config, ids, taps, runs, layers }: Walk): Generator<Stop> {
  const first = oracleOpsOf(runs);
  const start = first.map((ops) => ops.embed(weights.E, ids));
  yield { expectations: expectations(start.map((x) => ({ embed: asRows(x) }))), runs: [] };
  let xs = start.map((x, i) => asRows(overlaid(first[i]!, x, "embed", taps)));
  for (const [layer, W] of weights.layers()) {
    if (layers !== undefined && !layers.has(layer)) {
      xs = onlyTheirs(taps, inputOf(layer + 1), ids.length, config, runs.length);
      continue;
    }
    const { rope, eps } = weights;
    const each = oracleOpsOf(runs).map((ops, i) => ({ ops, layer, W, rope, eps, x: xs[i]! }));
    const expected = each.map((run) => anchoredLayer(run, taps));
    yield { expectations: expectations(expected.map((made) => named(made, layer))), runs: each };
    xs = each.map((run, i) => handedOn(run, expected[i]!, taps));
  }
  const made = oracleOpsOf(runs).map((ops, i) => ending(xs[i]!, { weights, taps }, ops));
  yield { expectations: expectations(made), runs: [], end: { xs, ways: runs } };
}

/** The final norm and the logits. */
export function ending(x: Rows, { weights, taps }: Pick<Walk, "weights" | "taps">, ops: OracleOps) {
  const n = ops.rmsNorm(asTensor(x), weights.g, weights.eps);
  const logits = ops.linear(overlaid(ops, n, "norm", taps), weights.U);
  return { norm: asRows(n), logits: asRows(logits) };
}

function named(made: Expected, layer: number): Record<string, Rows> {
  const shorts = Object.keys(LAYER_TAPS) as Short[];
  return Object.fromEntries(shorts.map((short) => [`${layer}.${short}`, made[short]]));
}

function expectations(runs: readonly Readonly<Record<string, Rows>>[]): Map<string, Expectation> {
  const [truth, ...noisy] = runs;
  return new Map(
    Object.entries(truth!).map(([name, rows]) => [name, { truth: rows, noisy: noisy.map((run) => run[name]!) }]),
  );
}

/** The engine's own rows where the layer before is not computed; a row that it did not give cannot be had. */
function onlyTheirs(taps: Taps, name: string, T: number, { channels }: Config, count: number): Rows[] {
  const none = new Rows(T, channels, () => {
    throw unavailable(name);
  });
  return Array.from({ length: count }, () => asRows(overlaid(oracleOps(TRUTH), asTensor<"T C">(none), name, taps)));
}

/** What is thrown where a tap cannot be computed from what there is. */
export function unavailable(name: string): FormatError {
  return new FormatError("E_CMP_MISSING", "replay", {
    expected: `${name}, at every position up to those compared`,
    actual: "none",
    hint: `Add ${name} to the bundle, or let --layers reach further back.`,
  });
}
