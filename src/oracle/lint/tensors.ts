/**
 * What the names of a model's tensors say: which biases there are, and whether the unembedding is its own.
 */
import { LAYER_WEIGHTS, layerName, MODEL_WEIGHTS, type Naming } from "../../files/names.ts";
import type { TensorFacts } from "./facts.ts";

const PROJECTIONS = { q: "bq", k: "bk", v: "bv" } as const;

export function tensorFacts(names: readonly string[], naming: Naming): TensorFacts {
  const all = new Set(names);
  const row = (ours: string) => LAYER_WEIGHTS.find((weight) => weight.ours === ours)!;
  const layers = countWhile((l) => all.has(layerName(row("Wo"), l, naming)));
  const count = (name: (l: number) => string) =>
    Array.from({ length: layers }, (_, l) => name(l)).filter((n) => all.has(n)).length;
  const bias = (ours: string) => count((l) => layerName(row(ours), l, naming));
  const out = (l: number) => layerName(row("Wo"), l, naming).replace(/\.weight$/, ".bias");
  const head = MODEL_WEIGHTS.find(({ ours }) => ours === "U")![naming];
  const { q, k, v } = PROJECTIONS;
  return { layers, biases: { q: bias(q), k: bias(k), v: bias(v), o: count(out) }, head: all.has(head) };
}

function countWhile(there: (l: number) => boolean): number {
  let l = 0;
  while (there(l)) l++;
  return l;
}
