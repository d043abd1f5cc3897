/**
 * Qwen2, top to bottom. Every line is one equation; its right-hand column is the mathematics.
 *
 * Axes   T new tokens   S tokens seen so far   C channels   F feed-forward   V vocabulary
 *        HD query heads x head size   KD key heads x head size
 */
import type { LayerCache, Ops } from "./ops.ts";
import type { Tensor } from "./tensor.ts";
import type { Rope } from "./config.ts";
import type { Layer, Weights } from "./weights.ts";

/** One decoder layer. Returns every activation it made, so tests and notebooks can look inside. */
export function block(ops: Ops, W: Layer, x: Tensor<"T C">, cache: LayerCache, R: Rope, eps: number) {
  const { rmsNorm, linear, rope, attention, swiglu, add } = ops;
  const pos = cache.length;
  const n1 = rmsNorm(x, W.g1, eps);                  // n = x / rms(x) * g
  const q = linear(n1, W.Wq, W.bq);                  // q = Wq n + bq
  const k = linear(n1, W.Wk, W.bk);                  // k = Wk n + bk
  const v = linear(n1, W.Wv, W.bv);                  // v = Wv n + bv
  const qr = rope(q, pos, R);                        // q at place p turns by p theta^(-2d/D)
  const kr = rope(k, pos, R);                        // k likewise
  const { keys, values } = cache.append(kr, v);      // S = pos + T
  const a = attention(qr, keys, values, R.D);        // a = softmax(q k' / sqrt D) v, no look-ahead
  const o = linear(a, W.Wo);                         // o = Wo a
  const mid = add(x, o);                             // x = x + o

  const n2 = rmsNorm(mid, W.g2, eps);                // n = x / rms(x) * g
  const gate = linear(n2, W.Wgate);                  // g = Wg n
  const up = linear(n2, W.Wup);                      // u = Wu n
  const act = swiglu(gate, up);                      // h = g sigmoid(g) * u
  const down = linear(act, W.Wdown);                 // d = Wd h
  const out = add(mid, down);                        // x = x + d
  return { n1, q, k, v, qr, kr, a, o, mid, n2, gate, up, act, down, out };
}

/** A layer's fifteen activations, by the page's names. */
export type Activations = ReturnType<typeof block>;
/** Is shown a layer's activations as soon as they are made. */
export type Observe = (layer: number, acts: Activations) => void;

/** The new tokens' last states, normed. `observe` is shown each layer's activations as they are made. */
export function hidden(
  ops: Ops, w: Weights, ids: Uint32Array, caches: readonly LayerCache[], observe: Observe = () => {},
): Tensor<"T C"> {
  let x = ops.embed(w.E, ids);                       // x = E[ids]
  for (const [l, W] of w.layers()) {                 // one layer in memory; the rest stays on disk
    const acts = block(ops, W, x, caches[l]!, w.rope, w.eps);
    observe(l, acts);
    x = acts.out;
  }
  return ops.rmsNorm(x, w.g, w.eps);                 // n = x / rms(x) * g
}

/** Logits of every new token. */
export function forward(
  ops: Ops, w: Weights, ids: Uint32Array, caches: readonly LayerCache[], observe?: Observe,
): Tensor<"T V"> {
  const n = hidden(ops, w, ids, caches, observe);
  return ops.linear(n, w.U);                         // logits = U n
}
