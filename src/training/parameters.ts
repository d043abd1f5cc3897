/**
 * The model's weights as float32 in this computer's memory, where training can change them; a gradient has the same form.
 */
import { data, eachRows } from "../reference/unwrap.ts";
import { host, type Host, isStored, type Tensor } from "../tensor.ts";
import type { Config } from "../config.ts";
import type { Layer, Weights } from "../weights.ts";

type Hosted<X> = X extends Tensor<infer A> ? Host<A> : X;

/** A layer's weights, by their names on the page. */
export type LayerParameters = { readonly [N in keyof Layer]: Hosted<Layer[N]> };

/** Every parameter. Where the model ties them, E and U are one tensor. */
export interface Parameters {
  readonly E: Host<"V C">;
  readonly layers: readonly LayerParameters[];
  readonly g: Host<"C">;
  readonly U: Host<"V C">;
}

/** A parameter whose axes do not matter. */
export type Values = Pick<Host<string>, "shape" | "data">;

/** A copy of a model's weights, widened to float32. */
export function parametersOf(w: Weights): Parameters {
  const E = copy(w.E);
  const layers = [...w.layers()].map(([, W]) => mapLayer(W, copy));
  return { E, layers, g: copy(w.g), U: w.U === w.E ? E : copy(w.U) };
}

/** Parameters as the page takes them, with what the model says of its positions and its norms. */
export function weightsOf(p: Parameters, { rope, eps }: Pick<Weights, "rope" | "eps">): Weights {
  return { ...p, rope, eps, layers: () => p.layers.entries() };
}

/** What config.json would say of a model of these sizes; `context` is as many positions as it has seen. */
export function configOf(p: Parameters, { rope, eps }: Pick<Weights, "rope" | "eps">, context: number): Config {
  const [first] = p.layers as readonly [LayerParameters];
  const rows = (x: Values) => x.shape[0]!;
  return {
    architecture: first.bq === undefined ? "llama" : "qwen2",
    layers: p.layers.length,
    channels: rows(p.g),
    heads: rows(first.Wq) / rope.D,
    keyHeads: rows(first.Wk) / rope.D,
    headSize: rope.D,
    feedForward: rows(first.Wgate),
    vocabulary: rows(p.E),
    context,
    eps,
    rope,
    tied: p.U === p.E,
    biases: first.bq !== undefined,
  };
}

/** Parameters of the same form, tied where these are, of `f` of each tensor. */
export function mapParameters(p: Parameters, f: <A extends string>(x: Host<A>) => Host<A>): Parameters {
  const E = f(p.E);
  const layers = p.layers.map((layer) => mapLayer(layer, <A extends string>(x: Tensor<A>) => f(x as Host<A>)));
  return { E, layers, g: f(p.g), U: p.U === p.E ? E : f(p.U) };
}

/** Each tensor of parameters once, with its name: "E", "0.Wq", ..., "g", and "U" where it is not E. */
export function* named(p: Parameters): Generator<readonly [name: string, x: Values]> {
  yield ["E", p.E];
  for (const [l, layer] of p.layers.entries()) {
    for (const [name, x] of Object.entries<Values | undefined>(layer)) if (x !== undefined) yield [`${l}.${name}`, x];
  }
  yield ["g", p.g];
  if (p.U !== p.E) yield ["U", p.U];
}

/** A layer with `f` of each tensor that it has. */
function mapLayer(W: Layer, f: <A extends string>(x: Tensor<A>) => Host<A>): LayerParameters {
  const maybe = <A extends string>(x: Tensor<A> | undefined) => x && f(x);
  return {
    g1: f(W.g1),
    Wq: f(W.Wq),
    bq: maybe(W.bq),
    Wk: f(W.Wk),
    bk: maybe(W.bk),
    Wv: f(W.Wv),
    bv: maybe(W.bv),
    Wo: f(W.Wo),
    g2: f(W.g2),
    Wgate: f(W.Wgate),
    Wup: f(W.Wup),
    Wdown: f(W.Wdown),
  };
}

function copy<A extends string>(x: Tensor<A>): Host<A> {
  if (!isStored(x)) return host(x.shape, data(x, "parameters").slice());
  const [rows = 0, width = 0] = x.shape;
  const values = new Float32Array(rows * width);
  eachRows(x, "parameters", (some, first, count) => values.set(some.subarray(0, count * width), first * width));
  return host(x.shape, values);
}
