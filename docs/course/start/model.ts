import { type Activations, type Layer, type LayerCache, type Observe, type Ops, type Rope, type Tensor, type Weights } from "qwq-ts";

/** One decoder layer. Returns every activation it made, so tests and notebooks can look inside. */
export function block(ops: Ops, W: Layer, x: Tensor<"T C">, cache: LayerCache, R: Rope, eps: number): Activations {
  // n1: n = x / rms(x) * g
  // q: q = Wq n + bq
  // k: k = Wk n + bk
  // v: v = Wv n + bv
  // qr: q at place p turns by p theta^(-2d/D)
  // kr: k likewise
  // keys, values: S = pos + T
  // a: a = softmax(q k' / sqrt D) v, no look-ahead
  // o: o = Wo a
  // mid: x = x + o
  // n2: n = x / rms(x) * g
  // gate: g = Wg n
  // up: u = Wu n
  // act: h = g sigmoid(g) * u
  // down: d = Wd h
  // out: x = x + d
  throw new Error("block is not written yet");
}

/** The new tokens' last states, normed. `observe` is shown each layer's activations as they are made. */
export function hidden(
  ops: Ops, w: Weights, ids: Uint32Array, caches: readonly LayerCache[], observe: Observe = () => {},
): Tensor<"T C"> {
  // x: x = E[ids]
  // [l, W]: one layer in memory; the rest stays on disk
  // ops.rmsNorm: n = x / rms(x) * g
  throw new Error("hidden is not written yet");
}

/** Logits of every new token. */
export function forward(
  ops: Ops, w: Weights, ids: Uint32Array, caches: readonly LayerCache[], observe?: Observe,
): Tensor<"T V"> {
  // ops.linear: logits = U n
  throw new Error("forward is not written yet");
}
