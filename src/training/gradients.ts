/**
 * The page backwards. Each line undoes one of src/model.ts, from the last to the first; d means "how the loss changes with".
 */
import type { Rope } from "../config.ts";
import { type Activations, hidden } from "../model.ts";
import type { LayerCache, Ops } from "../ops.ts";
import { add } from "../reference/add.ts";
import type { Host, Tensor } from "../tensor.ts";
import type { Layer, Weights } from "../weights.ts";
import { backward, type Backward } from "./backward/index.ts";
import { crossEntropy } from "./backward/cross-entropy.ts";
import type { LayerParameters, Parameters } from "./parameters.ts";

/** What a sequence costs, in all and token by token, and which way every parameter would lessen it. */
export interface Loss {
  readonly loss: number;
  readonly nll: Float64Array;
  /** Of the form of the parameters; where E and U are one tensor, so are these, with the sum. */
  readonly gradients: Parameters;
}

/** One decoder layer backwards: from the gradient of its output to that of its input, and those of its weights. */
export function blockBackward(
  back: Backward, W: Layer, x: Tensor<"T C">, acts: Activations, dout: Host<"T C">, R: Rope, eps: number,
) {
  const { rmsNorm, linear, rope, attention, swiglu } = back;
  const down = linear(dout, acts.act, W.Wdown);               // x = x + d, d = Wd h
  const act = swiglu(down.dx, acts.gate, acts.up);            // h = g sigmoid(g) * u
  const up = linear(act.dup, acts.n2, W.Wup);                 // u = Wu n
  const gate = linear(act.dgate, acts.n2, W.Wgate);           // g = Wg n
  const n2 = rmsNorm(add(gate.dx, up.dx), acts.mid, W.g2, eps);
  const dmid = add(dout, n2.dx);                              // the residual's two ways

  const o = linear(dmid, acts.a, W.Wo);                       // o = Wo a
  const a = attention(o.dx, acts.qr, keysOf(acts.kr), keysOf(acts.v), R.D);
  const v = linear(tokensOf(a.dv), acts.n1, W.Wv);            // v = Wv n + bv
  const k = linear(rope(tokensOf(a.dk), 0, R), acts.n1, W.Wk);
  const q = linear(rope(a.dq, 0, R), acts.n1, W.Wq);
  const n1 = rmsNorm(add(add(q.dx, k.dx), v.dx), x, W.g1, eps);
  const dx = add(dmid, n1.dx);
  const gradients: LayerParameters = {
    g1: n1.dg, Wq: q.dW, bq: W.bq && q.db, Wk: k.dW, bk: W.bk && k.db, Wv: v.dW, bv: W.bv && v.db, Wo: o.dW,
    g2: n2.dg, Wgate: gate.dW, Wup: up.dW, Wdown: down.dW,
  };
  return { dx, gradients };
}

/** In training a sequence begins where the cache does, so its tokens are all the tokens seen: S = T. */
const keysOf = (x: Tensor<"T KD">) => x as unknown as Tensor<"S KD">;
const tokensOf = (x: Host<"S KD">) => x as unknown as Host<"T KD">;

/** A loss of a sequence's logits, and how it changes with each of them. */
export interface Objective {
  readonly loss: number;
  readonly dlogits: Host<"T V">;
}

/**
 * An objective of a sequence's logits, whatever it is, and its gradient for every parameter.
 *
 * shapes   ids [T]; the objective is shown logits [T V], V the rows of U
 * numbers  each equation as its own file says; float64 within, one rounding between
 * throws   UsageError E_ARG_TOKEN_ID; ShapeError where an `ops` keeps activations elsewhere: use one of this memory
 * source   Rumelhart et al. 1986 (Nature 323, 533); torch.autograd on transformers Qwen2ForCausalLM
 * golden   backward/tiny
 */
export function descent<L extends Objective>(
  ops: Ops, w: Weights, ids: Uint32Array, objective: (logits: Tensor<"T V">) => L, back: Backward = backward,
): L & { readonly gradients: Parameters } {
  const layers = [...w.layers()].map(([, W]) => W);
  const acts: Activations[] = [];
  const n = hidden(ops, w, ids, layers.map(unkept), (_, a) => acts.push(a));
  const made = objective(ops.linear(n, w.U));

  const before = (l: number) => (l === 0 ? ops.embed(w.E, ids) : acts[l - 1]!.out);
  const U = back.linear(made.dlogits, n, w.U);                // logits = U n
  const norm = back.rmsNorm(U.dx, before(layers.length), w.g, w.eps);
  let dx = norm.dx;
  const all: LayerParameters[] = [];
  for (let l = layers.length - 1; l >= 0; l--) {
    const { dx: below, gradients } = blockBackward(back, layers[l]!, before(l), acts[l]!, dx, w.rope, w.eps);
    all.unshift(gradients);
    dx = below;
  }
  const dE = back.embed(dx, ids, w.E.shape[0]!);              // x = E[ids]
  const tied = w.U === w.E ? add(dE, U.dW) : undefined;
  return { ...made, gradients: { E: tied ?? dE, layers: all, g: norm.dg, U: tied ?? U.dW } };
}

/**
 * The likelihood's loss of a sequence and its gradient for every parameter.
 *
 *   loss = sum_t weights[t] (-ln p(targets[t] | ids[0 .. t])),   the mean unless told
 *
 * shapes   ids, targets and weights [T]
 * throws   UsageError E_ARG_TOKEN_ID
 * golden   backward/tiny
 */
export function gradients(
  ops: Ops, w: Weights, ids: Uint32Array, targets: Uint32Array, weights?: Float32Array, back: Backward = backward,
): Loss {
  const each = weights ?? new Float32Array(ids.length).fill(1 / ids.length);
  return descent(ops, w, ids, (logits) => crossEntropy(logits, targets, each), back);
}

/** A cache that keeps nothing: a sequence that is learnt from is read once, from its first token to its last. */
const unkept = (): LayerCache => ({
  length: 0,
  append: (k, v) => ({ keys: keysOf(k), values: keysOf(v) }),
  truncate: () => undefined,
});
