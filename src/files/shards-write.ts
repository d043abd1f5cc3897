/** How tensors are shared out among safetensors files, and the index that says so. */

/** As Hugging Face has it: 5 GB. */
export const SHARD_BYTES = 5e9;

export const INDEX = "model.safetensors.index.json";

interface Sized {
  readonly name: string;
  readonly bytes: { readonly length: number };
}

/** One file. */
export interface InShard<T> {
  readonly file: string;
  readonly tensors: readonly T[];
}

/**
 * Tensors in their order, a new file wherever the next would pass `most` bytes; a tensor that passes it alone is alone.
 *
 * source   huggingface_hub `split_state_dict_into_shards_factory`: the rule and the names
 */
export function inShards<T extends Sized>(tensors: readonly T[], most: number): InShard<T>[] {
  const groups: T[][] = [[]];
  let bytes = 0;
  for (const tensor of tensors) {
    if (bytes + tensor.bytes.length > most && bytes > 0) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(tensor);
    bytes += tensor.bytes.length;
  }
  if (groups.length === 1) return [{ file: "model.safetensors", tensors: groups[0]! }];
  const five = (n: number) => String(n).padStart(5, "0");
  return groups.map((group, i) => ({
    file: `model-${five(i + 1)}-of-${five(groups.length)}.safetensors`,
    tensors: group,
  }));
}

/** The index's text, as Hugging Face's save_pretrained writes it. */
export function indexText(shards: readonly InShard<Sized>[]): string {
  const all = shards.flatMap(({ file, tensors }) => tensors.map(({ name, bytes }) => ({ file, name, bytes })));
  const total = all.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const map = Object.fromEntries(
    all.map(({ name, file }) => [name, file] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return `${JSON.stringify({ metadata: { total_size: total }, weight_map: map }, undefined, 2)}\n`;
}
