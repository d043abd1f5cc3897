/** Which tensors a synthetic checkpoint has, and how they are shared out among files. */
import type { Config } from "../config.ts";
import { LAYER_WEIGHTS, layerName, MODEL_WEIGHTS, sizes } from "../files/names.ts";
import { layOut, type Layout } from "../files/safetensors-write.ts";
import { inShards } from "../files/shards-write.ts";
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

/** Shared out as Hugging Face does it. */
export function shardsOf(tensors: readonly Planned[], most: number): Shard[] {
  return inShards(tensors, most);
}

/** The file's header: it names the seed, so that an interrupted run knows its own shards again. */
export function layoutOf({ file, tensors }: Shard, seed: bigint): Layout<Planned> {
  const metadata = new Map([
    ["format", "pt"],
    ["synth", `threefry2x32-20, seed ${seed}`],
  ]);
  return layOut(file, new Map(tensors.map((tensor) => [tensor.name, tensor])), metadata);
}
