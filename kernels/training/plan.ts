/** Where everything lies: each parameter in one row of float32, of which moments, gradients and shards are copies. */
import { UsageError } from "../../src/errors.ts";
import { frequencies } from "../../src/reference/frequencies.ts";
import { configOf, type LayerParameters, named, type Parameters, type Values } from "../../src/training/parameters.ts";
import type { Rope } from "../../src/config.ts";
import type { Arena } from "./kernels.ts";

/** How many sums of gradients a batch is cut into, whatever the number of threads: its shards. */
export const SHARDS = 8;
/** How many places have their angles from the start; more are computed when they are needed. */
const PLACES = 4096;

/** A matrix in the order in which products read it: forwards and backwards. */
export interface Packed {
  /** Its place among the parameters, in bytes. */
  readonly at: number;
  readonly O: number;
  readonly I: number;
  /** Addresses of its panels. */
  readonly forward: number;
  readonly backward: number;
}

/** A layer's parameters: matrices, and the places of its gains and biases. */
export interface LayerPlan {
  readonly g1: number;
  readonly g2: number;
  readonly bq: number | undefined;
  readonly bk: number | undefined;
  readonly bv: number | undefined;
  readonly Wq: Packed;
  readonly Wk: Packed;
  readonly Wv: Packed;
  readonly Wo: Packed;
  readonly Wgate: Packed;
  readonly Wup: Packed;
  readonly Wdown: Packed;
}

/** A model as the kernels see it. It is sent to every thread. */
export interface Plan {
  readonly C: number;
  readonly H: number;
  readonly K: number;
  readonly D: number;
  readonly F: number;
  /** Rows of U. */
  readonly V: number;
  readonly eps: number;
  readonly layers: readonly LayerPlan[];
  readonly E: number;
  readonly g: number;
  readonly U: Packed;
  /** Values of all parameters together, with what fills them up to multiples of sixteen. */
  readonly values: number;
  /** Addresses of the parameters, of AdamW's means and mean squares, of the gradients gathered, and of the shards. */
  readonly w: number;
  readonly m: number;
  readonly v: number;
  readonly gathered: number;
  readonly shards: number;
  /** Cosines and sines of each place, as src/reference/rope.ts rounds them. */
  readonly turns: number;
  readonly places: number;
}

/** Every matrix that is multiplied by. */
export function matrices(plan: Plan): Packed[] {
  return [...plan.layers.flatMap((l) => [l.Wq, l.Wk, l.Wv, l.Wo, l.Wgate, l.Wup, l.Wdown]), plan.U];
}

/** The place of each tensor, by its name, in values; and their number. */
function places(p: Parameters): { readonly at: ReadonlyMap<string, number>; readonly values: number } {
  const at = new Map<string, number>();
  let values = 0;
  for (const [name, { data }] of named(p)) {
    at.set(name, values);
    values += Math.ceil(data.length / 16) * 16;
  }
  return { at, values };
}

/**
 * Lays a model out in the arena's memory.
 *
 * throws   UsageError E_ARG_BACKEND where sizes do not suit the kernels; LimitError E_LIMIT_MEMORY
 */
export function planOf(p: Parameters, model: { readonly rope: Rope; readonly eps: number }, arena: Arena): Plan {
  const { channels: C, heads: H, keyHeads: K, headSize: D, feedForward: F } = configOf(p, model, PLACES);
  checkSizes(C, D, F, H, K);
  const { at, values } = places(p);
  const bytes = (name: string) => at.get(name)! * 4;
  const packed = (name: string, { shape: [O = 0, I = 0] }: Values): Packed => ({
    ...{ at: bytes(name), O, I },
    forward: arena.place(Math.ceil(O / 8) * 32 * I),
    backward: arena.place(Math.ceil(I / 8) * 32 * O),
  });
  const V = p.U.shape[0]!;
  const [w, m, v, gathered] = Array.from({ length: 4 }, () => arena.place(4 * values)) as [
    number,
    number,
    number,
    number,
  ];
  const layers = p.layers.map((layer, l) => layerPlan(layer, `${l}.`, bytes, packed));
  return {
    layers,
    ...{ C, H, K, D, F, V, eps: model.eps, values, w, m, v, gathered },
    ...{ E: bytes("E"), g: bytes("g"), U: packed(p.U === p.E ? "E" : "U", p.U) },
    shards: arena.place(SHARDS * 4 * values),
    turns: turns(model.rope, arena),
    places: PLACES,
  };
}

/** Where a layer's tensors lie, by the first part of their names. */
function layerPlan(
  W: LayerParameters,
  at: string,
  bytes: (name: string) => number,
  packed: (name: string, x: Values) => Packed,
): LayerPlan {
  return {
    g1: bytes(`${at}g1`),
    g2: bytes(`${at}g2`),
    bq: W.bq && bytes(`${at}bq`),
    bk: W.bk && bytes(`${at}bk`),
    bv: W.bv && bytes(`${at}bv`),
    Wq: packed(`${at}Wq`, W.Wq),
    Wk: packed(`${at}Wk`, W.Wk),
    Wv: packed(`${at}Wv`, W.Wv),
    Wo: packed(`${at}Wo`, W.Wo),
    Wgate: packed(`${at}Wgate`, W.Wgate),
    Wup: packed(`${at}Wup`, W.Wup),
    Wdown: packed(`${at}Wdown`, W.Wdown),
  };
}

function checkSizes(C: number, D: number, F: number, H: number, K: number): void {
  if (C % 4 === 0 && D % 8 === 0 && F % 4 === 0 && Number.isInteger(H / K)) return;
  throw new UsageError("E_ARG_BACKEND", "training", {
    expected: "channels and feed-forward in multiples of 4, heads of a multiple of 8",
    actual: `${C}, ${F} and ${D}, ${H} heads to ${K}`,
    hint: "Use the reference learner, or round the sizes.",
  });
}

/** Cosines and sines of every place: the angle, its cosine and its sine are each rounded to float32. */
function turns(R: Rope, arena: Arena): number {
  const half = R.D / 2;
  const { f, attention } = frequencies(R);
  const at = arena.place(PLACES * R.D * 4);
  const into = arena.floats(at, PLACES * R.D);
  for (let t = 0; t < PLACES; t++) {
    for (let d = 0; d < half; d++) {
      const angle = Math.fround(t * f[d]!);
      into[t * R.D + d] = Math.fround(Math.cos(angle)) * attention;
      into[t * R.D + half + d] = Math.fround(Math.sin(angle)) * attention;
    }
  }
  return at;
}
