/** A model before it has learnt anything. */
import type { Config } from "../config.ts";
import { LAYER_WEIGHTS, MODEL_WEIGHTS, type Axis, sizes } from "../files/names.ts";
import { Random } from "../generate/random.ts";
import { host } from "../tensor.ts";
import type { LayerParameters, Parameters } from "./parameters.ts";

/** Hugging Face's `initializer_range`. */
const SPREAD = 0.02;

/**
 * Parameters drawn from a seed: gains 1, biases 0, matrices normal. Those that write into the residual stream (o, down) are
 * smaller, since all layers add up there.
 *
 *   W ~ N(0, 0.02^2);  Wo, Wdown ~ N(0, 0.02^2 / 2L)
 *
 * source   Radford et al. 2019 (GPT-2) section 2.3; transformers Qwen2PreTrainedModel: _init_weights, which does not scale
 */
export function initial(config: Config, seed: number | bigint): Parameters {
  const random = new Random(seed);
  const size = sizes(config);
  const make = (ours: string, axes: readonly Axis[]) => {
    const shape = axes.map((axis) => size[axis]);
    const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
    const spread = ours === "Wo" || ours === "Wdown" ? SPREAD / Math.sqrt(2 * config.layers) : SPREAD;
    if (ours.startsWith("g")) data.fill(1);
    else if (!ours.startsWith("b")) normal(random, data, spread);
    return host(shape, data);
  };
  const there = (ours: string) => !(ours.startsWith("b") && !config.biases) && !(ours === "U" && config.tied);
  const all = (rows: readonly { ours: string; axes: readonly Axis[] }[]) =>
    Object.fromEntries(rows.map(({ ours, axes }) => [ours, there(ours) ? make(ours, axes) : undefined]));
  const layers = Array.from({ length: config.layers }, () => all(LAYER_WEIGHTS));
  const { E, g, U } = all(MODEL_WEIGHTS);
  // The tables name every weight of a layer and of the model, which the compiler cannot see.
  return { E, layers: layers as unknown as LayerParameters[], g, U: U ?? E } as unknown as Parameters;
}

/** Fills with normal numbers, two from two uniform ones (Box and Muller 1958). */
function normal(random: Random, data: Float32Array, spread: number): void {
  for (let i = 0; i < data.length; i += 2) {
    const length = spread * Math.sqrt(-2 * Math.log(1 - random.fraction()));
    const angle = 2 * Math.PI * random.fraction();
    data[i] = length * Math.cos(angle);
    if (i + 1 < data.length) data[i + 1] = length * Math.sin(angle);
  }
}
