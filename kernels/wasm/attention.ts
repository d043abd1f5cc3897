/** attention over the kernels. */
import { attention as referenceAttention, attentionSizes } from "../../src/reference/attention.ts";
import { data } from "../../src/reference/unwrap.ts";
import { host, type Host, type Tensor } from "../../src/tensor.ts";
import { type Blocks, blocksOf, fetched, SPAN } from "./cache.ts";
import { fits, FORMAT } from "./formats.ts";
import type { Heap } from "./module.ts";
import type { Team } from "./team.ts";

/** Bytes of a thread's state, stateBytes() there. */
const stateBytes = (D: number) => 24 * 1088 + 9 * 64 + 256 * D;
/** Tokens of a key head for each thread, below which they share spans of positions. */
const FEW = 8;

/**
 * a = softmax(q k' / sqrt D) v, each token seeing itself and those before it.
 *
 * numbers  float32 (assembly/attention.ts): within 4 u max |v| of exact, and what float32 scores add. Heads whose size is no
 *          multiple of eight, or above 256, are the reference's.
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
  if (!fits(D)) return referenceAttention(q, fetched(keys) ?? keys, fetched(values) ?? values, D);
  const out = heap.area("y", 4 * T * HD);
  const scratch = heap.area("scores", team.threads * stateBytes(D));
  const at = heap.area("x", 4 * T * HD);
  heap.write(at, data(q, "attention"));
  const [k, v] = blocksOf(keys, values, heap, D);
  const [kTable, vTable] = [table(heap, "key blocks", k), table(heap, "value blocks", v)];
  const { format, stride } = k.form;
  const spans = Math.ceil(S / SPAN);
  const split = team.threads > 1 && spans > 1 && (T * KD) / D < FEW * team.threads;
  const records = split ? heap.area("spans", spans * T * (HD / D) * (8 + 4 * D)) : 0;
  team.run("attention", at, kTable, vTable, FORMAT[format], stride, out, T, S, HD, KD, D, scratch, records);
  if (split) team.alone("attention_merge", out, T, S, HD, KD, D, scratch, records);
  return host([T, HD], heap.read(out, T * HD));
}

/** Writes where the blocks begin for the kernel. */
function table(heap: Heap, area: string, { blocks }: Blocks): number {
  const at = heap.area(area, 4 * blocks.length);
  new Uint32Array(heap.memory.buffer, at, blocks.length).set(blocks);
  return at;
}
