/** Which tensors a synthetic checkpoint has, and how they are shared out among files. */
import type { Config } from "../config.ts";
import { LAYER_WEIGHTS, layerName, MODEL_WEIGHTS, sizes } from "../files/names.ts";
import { layOut, type Layout } from "../files/safetensors-write.ts";
import { type Drawn, type Dtype, DTYPE_SIZE, type Role } from "./draw.ts";

/** A tensor to be written. */
export interface Planned extends Drawn {
  readonly dtype: Dtype;
  readonly bytes: { readonly length: number };
}

/** One file. */
export interface Shard {
  readonly file: string;
  readonly tensors: readonly Planned[];
}

/** As Hugging Face has it: 5 GB. */
export const SHARD_BYTES = 5e9;

/** One layer in the order of its modules in Hugging Face's Qwen2DecoderLayer. */
const ORDER: readonly Role[] = ["Wq", "bq", "Wk", "bk", "Wv", "bv", "Wo", "Wgate", "Wup", "Wdown", "g1", "g2"];

/** Every tensor of a model of this config, in the order of Hugging Face's state_dict. QwQ-32B: 771. */
export function tensorsOf(config: Config, dtype: Dtype): Planned[] {
  const size = sizes(config);
  const planned = (role: Role, name: string, axes: readonly (keyof typeof size)[]): Planned => {
    const shape = axes.map((axis) => size[axis]);
    return { role, name, shape, dtype, bytes: { length: DTYPE_SIZE[dtype] * shape.reduce((a, b) => a * b, 1) } };
  };
  const inLayer = ORDER.filter((role) => config.biases || !role.startsWith("b")).map((role) =>
    LAYER_WEIGHTS.find(({ ours }) => ours === role)!,
  );
  const layers = Array.from({ length: config.layers }, (_, l) =>
    inLayer.map((row) => planned(row.ours, layerName(row, l, "safetensors"), row.axes)),
  );
  const [first, ...last] = MODEL_WEIGHTS.filter(({ ours }) => !(config.tied && ours === "U")).map((row) =>
    planned(row.ours, row.safetensors, row.axes),
  );
  return [first!, ...layers.flat(), ...last];
}

/**
 * Tensors in their order, a new file wherever the next would pass `most` bytes; a tensor that passes it alone is alone.
 *
 * source   huggingface_hub `split_state_dict_into_shards_factory`: the rule and the names
 */
export function shardsOf(tensors: readonly Planned[], most: number): Shard[] {
  const groups: Planned[][] = [[]];
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

/** The file's header: it names the seed, so that an interrupted run knows its own shards again. */
export function layoutOf({ file, tensors }: Shard, seed: bigint): Layout<Planned> {
  const metadata = new Map([
    ["format", "pt"],
    ["synth", `threefry2x32-20, seed ${seed}`],
  ]);
  return layOut(file, new Map(tensors.map((tensor) => [tensor.name, tensor])), metadata);
}
