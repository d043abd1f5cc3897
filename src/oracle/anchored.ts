/**
 * The page, each of its operations fed with another engine's own inputs.
 *
 * Whatever rows of a tap the engine gave take the place of ours as soon as ours are computed (on demand, so that ours
 * are computed only where they are compared or missing). An error that came in from before is then no error of this
 * operation.
 */
import type { Rope } from "../config.ts";
import { block } from "../model.ts";
import type { LayerCache, Ops } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import type { Layer } from "../weights.ts";
import type { Given, Taps } from "./candidate.ts";
import { inputOf, type Short } from "./graph.ts";
import type { OracleOps } from "./numbers/ops.ts";
import { asRows, asTensor, Rows } from "./numbers/rows.ts";
import { LAYER_TAPS } from "./taps.ts";

/** What a layer is run with. A mutant changes any of it but the layer's number and the engine's taps. */
export interface LayerRun {
  /** The memory: what is made once. */
  readonly ops: OracleOps;
  /** What the page is run on, if not on `ops` itself. */
  readonly page?: Ops;
  readonly layer: number;
  readonly W: Layer;
  readonly rope: Rope;
  readonly eps: number;
  readonly x: Rows;
}

/** The taps of a layer as they should be, given what the engine computed them from. */
export type Expected = Readonly<Record<Short, Rows>>;

const SHORTS = Object.keys(LAYER_TAPS) as Short[];

/** Runs the page over a layer. The n-th operation of the page makes its n-th tap. */
export function anchoredLayer({ ops, page = ops, layer, W, rope, eps, x }: LayerRun, taps: Taps): Expected {
  const expected: Partial<Record<Short, Rows>> = {};
  let next = 0;
  const seen = <A extends string>(y: Tensor<A>): Tensor<A> => {
    const short = SHORTS[next++]!;
    expected[short] = asRows(y);
    return overlaid(ops, y, `${layer}.${short}`, taps);
  };
  const anchored: Ops = {
    ...page,
    rmsNorm: (...args) => seen(page.rmsNorm(...args)),
    linear: (...args) => seen(page.linear(...args)),
    rope: (...args) => seen(page.rope(...args)),
    attention: (...args) => seen(page.attention(...args)),
    swiglu: (...args) => seen(page.swiglu(...args)),
    add: (...args) => seen(page.add(...args)),
  };
  const [T] = x.shape;
  const sure = ["kr", "v"].every((short) => taps(`${layer}.${short}`)?.rows.length === T);
  block(anchored, W, asTensor<"T C">(x), fromTheStart(ops, rope.D, sure), rope, eps);
  return expected as Expected;
}

/** What goes into the layer after: the engine's rows, and ours where it gave none. */
export function handedOn({ ops, layer }: LayerRun, { out }: Expected, taps: Taps): Rows {
  return asRows(overlaid(ops, asTensor<"T C">(out), inputOf(layer + 1), taps));
}

/** `y` with the engine's rows in place of those that it gave. */
export function overlaid<A extends string>(ops: OracleOps, y: Tensor<A>, name: string, taps: Taps): Tensor<A> {
  const given = taps(name);
  if (given === undefined) return y;
  const [T, width] = asRows(y).shape;
  if (given.rows.length === T) return ops.once(`given ${name}`, () => patched(undefined, given, T, width));
  return ops.once(`given ${name} ${asRows(y).id}`, () => patched(asRows(y), given, T, width));
}

function patched(ours: Rows | undefined, given: Given, T: number, width: number): Rows {
  return new Rows(T, width, (rows, into) => {
    for (const t of rows) {
      const at = given.at(t);
      if (at >= 0) into.set(given.data.subarray(at, at + width), t * width);
    }
    const rest = rows.filter((t) => given.at(t) < 0);
    if (rest.length === 0) return;
    const data = ours!.need(rest);
    for (const t of rest) into.set(data.subarray(t * width, (t + 1) * width), t * width);
  });
}

/** A cache that keeps nothing, since all tokens come at once, but rounds as the policy's does. */
function fromTheStart(ops: OracleOps, D: number, sure: boolean): LayerCache {
  const read = (x: Tensor<"T KD">) => asTensor<"S KD">(asRows(ops.cached(x, D, sure)));
  return {
    length: 0,
    append: (k, v) => ({ keys: read(k), values: read(v) }),
    truncate: () => {},
  };
}
