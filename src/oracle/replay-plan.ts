/**
 * What a replay will read, before it reads it.
 */
import type { Checkpoint } from "../files/checkpoint.ts";
import { LAYER_WEIGHTS, layerName, MODEL_WEIGHTS } from "../files/names.ts";
import type { Bundle } from "./bundle-read.ts";
import { inputOf } from "./graph.ts";
import { chosenLayers } from "./select.ts";
import { LAYER_TAPS } from "./taps.ts";

export interface Plan {
  /** The layers whose weights are read, ascending. */
  readonly layers: readonly number[];
  /** Bytes of weights read at least once: of those layers, and of the unembedding where logits are judged. */
  readonly bytes: number;
}

/** Layers that have taps to be judged; and, where what comes into such a layer was not given, those that make it. */
export function planOf(bundle: Bundle, { config, source, kind }: Checkpoint, list?: string): Plan {
  const chosen = list === undefined ? undefined : chosenLayers(list, config.layers);
  const { length } = bundle.manifest.input.ids;
  const has = (name: string) => bundle.entry(name) !== undefined && bundle.entry(name)!.width === undefined;
  const whole = (name: string) => has(name) && bundle.entry(name)!.rows.length === length;
  const logits = chosen === undefined && has("logits");
  let wanted = logits || (chosen === undefined && has("norm"));
  const layers: number[] = [];
  for (let layer = config.layers - 1; layer >= 0; layer--) {
    const asked = chosen?.has(layer) ?? true;
    const judged = asked && Object.keys(LAYER_TAPS).some((short) => has(`${layer}.${short}`));
    const needed = judged || (wanted && !whole(inputOf(layer + 1)) && asked);
    if (needed) layers.unshift(layer);
    wanted = needed;
  }
  const sizeOf = (name: string) => source.tensors.get(name)?.bytes ?? 0;
  const inLayers = layers.flatMap((layer) => LAYER_WEIGHTS.map((row) => sizeOf(layerName(row, layer, kind))));
  const head = MODEL_WEIGHTS.find(({ ours }) => ours === (config.tied ? "E" : "U"))![kind];
  return { layers, bytes: inLayers.reduce((sum, bytes) => sum + bytes, logits ? sizeOf(head) : 0) };
}
