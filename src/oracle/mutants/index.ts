/** All mutants of a layer. A further family is one file and one line here. */
import { attention } from "./attention.ts";
import { block } from "./block.ts";
import { linear } from "./linear.ts";
import type { Mutant, Scene } from "./mutant.ts";
import { norm } from "./norm.ts";
import { rope } from "./rope.ts";

/** Every code that a diagnosis may name, in the order of the page. */
export const CODES = [
  "norm-order", "gain-n1", "gain-n2", "norm-mean", "eps", "bias-q", "bias-k", "bias-v", "bias-qkv", "weight-transposed",
  "dequant-offset", "rope-interleaved", "rope-theta", "rope-offset", "rope-missing", "yarn-missing", "yarn-factor",
  "gqa-tile", "scale-missing", "scale-double", "mask-open", "mask-strict", "cache-shift", "softmax-low", "bias-o",
  "residual-attn", "act-gelu", "act-swap", "residual-mlp", "overflow-f16", "round-truncate", "gain-final", "head-tied",
] as const; // prettier-ignore

/** The mutants of a layer; those of the norm and the unembedding after the last layer are in ending.ts. */
export function mutantsOf(scene: Scene): Mutant[] {
  return [norm, linear, rope, attention, block].flatMap((family) => [...family(scene)]);
}
