/** attention over the kernels. */
import { attention as referenceAttention, attentionSizes } from "../../src/reference/attention.ts";
import { data } from "../../src/reference/unwrap.ts";
import { host, type Host, type Tensor } from "../../src/tensor.ts";
import { type Blocks, blocksOf, fetched } from "./cache.ts";
import { FORMAT, POSITIONS } from "./formats.ts";
import type { Heap } from "./module.ts";
import type { Team } from "./team.ts";

/**
 * a = softmax(q k' / sqrt D) v, each token seeing itself and those before it.
 *
 * numbers  float32 (assembly/attention.ts): within 4 u max |v| of exact, and what float32 scores add. Heads whose size is no
 *          multiple of four are the reference's.
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
  const out = heap.area("y", 4 * T * HD);
  const scratch = heap.area("scores", 4 * team.threads * (2 * POSITIONS + 2 * (HD / KD) + 2 * POSITIONS * D));
  const at = heap.area("x", 4 * T * HD);
  heap.write(at, data(q, "attention"));
  const [k, v] = [blocksOf(keys, heap, "keys", "attention"), blocksOf(values, heap, "values", "attention")];
  const [kTable, vTable] = [table(heap, "key blocks", k), table(heap, "value blocks", v)];
  team.run("attention", at, kTable, FORMAT[k.format], vTable, FORMAT[v.format], out, T, S, HD, KD, D, scratch);
  return host([T, HD], heap.read(out, T * HD));
}

/** Writes where the blocks begin for the kernel. */
function table(heap: Heap, area: string, { blocks }: Blocks): number {
  const at = heap.area(area, 4 * blocks.length);
  new Uint32Array(heap.memory.buffer, at, blocks.length).set(blocks);
  return at;
}
