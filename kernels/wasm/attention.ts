/** attention over the kernels. */
import { attention as referenceAttention, attentionSizes } from "../../src/reference/attention.ts";
import { type Host, type Tensor, zeros } from "../../src/tensor.ts";
import { fetched, placeOf } from "./cache.ts";
import type { Heap } from "./module.ts";
import type { Team } from "./team.ts";

/** Positions a block of the kernel has, whose scores it keeps. */
const BLOCK = 64;

/**
 * a = softmax(q k' / sqrt D) v, each token seeing itself and those before it.
 *
 * numbers  float32 (assembly/attention.ts): within 4 u max |v| of exact. Heads whose size is no multiple of four are the
 *          reference's.
 * throws   ShapeError as the reference
 */
export function attention(
  heap: Heap,
  team: Team,
  q: Tensor<"T HD">,
  keys: Tensor<"S KD">,
  values: Tensor<"S KD">,
  D: number,
): Host<"T HD"> {
  const { T, HD, S, KD } = attentionSizes(q, keys, values, D);
  if (D % 4 !== 0) return referenceAttention(q, fetched(keys) ?? keys, fetched(values) ?? values, D);
  const a = zeros<"T HD">(T, HD);
  const out = heap.area("y", 4 * T * HD);
  const scratch = heap.area("scores", 4 * team.threads * (BLOCK + 2 * (HD / KD)));
  const at = placeOf(q, heap, "x", "attention");
  const [k, v] = [placeOf(keys, heap, "keys", "attention"), placeOf(values, heap, "values", "attention")];
  team.run("attention", at, k, v, out, T, S, HD, KD, D, scratch);
  a.data.set(heap.floats(out, T * HD));
  return a;
}
