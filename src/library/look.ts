/** A look inside: the activations of one layer, and how far a backend's are from the reference's. */
import type { Config } from "../config.ts";
import { type Activations, hidden } from "../model.ts";
import type { Ops } from "../ops.ts";
import { reference } from "../reference/index.ts";
import type { Host, Tensor } from "../tensor.ts";
import type { Weights } from "../weights.ts";

/** One activation of a layer: rows of tokens. */
export interface Look {
  /** As the page calls it: "qr". */
  readonly tap: keyof Activations;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** How far one activation is from the reference's. */
export interface Deviation {
  readonly tap: keyof Activations;
  /** The largest difference, and the largest value of the reference's. */
  readonly largest: number;
  readonly scale: number;
}

/** The activations of layer `layer` for a text of `ids`, in the order of the page. Layers above it are not run. */
export async function look(
  ops: Ops,
  weights: Weights,
  config: Config,
  ids: Uint32Array,
  layer: number,
): Promise<Look[]> {
  const below: Weights = { ...weights, layers: () => upTo(weights, layer) };
  const found: [keyof Activations, Host<string> | Promise<Host<string>>][] = [];
  const caches = ops.cache(config, ids.length);
  ops.scope(() => {
    hidden(ops, below, ids, caches, (l, acts) => {
      if (l !== layer) return;
      for (const [tap, x] of Object.entries(acts) as [keyof Activations, Tensor<string>][]) {
        found.push([tap, ops.download(x)]);
      }
    });
  });
  return Promise.all(
    found.map(async ([tap, x]) => {
      const { shape, data } = await x;
      return { tap, shape, data };
    }),
  );
}

/** What stands before the first layer and after the last: rows of tokens. */
export interface End {
  readonly tap: "embed" | "norm" | "logits";
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The embedding, the last norm and the logits of a text of `ids`. Every layer is run. */
export async function ends(ops: Ops, weights: Weights, config: Config, ids: Uint32Array): Promise<End[]> {
  const made = ops.scope(() => {
    const norm = hidden(ops, weights, ids, ops.cache(config, ids.length));
    return [ops.embed(weights.E, ids), norm, ops.linear(norm, weights.U)] as const;
  });
  const taps = ["embed", "norm", "logits"] as const;
  return Promise.all(
    made.map(async (x, i) => {
      const { shape, data } = await ops.download<string>(x as Tensor<string>);
      return { tap: taps[i]!, shape, data };
    }),
  );
}

function* upTo(weights: Weights, layer: number): ReturnType<typeof weights.layers> & Generator {
  for (const each of weights.layers()) {
    yield each;
    if (each[0] === layer) return;
  }
}

/** The same on the reference, and the largest difference of each. */
export async function deviations(
  looks: readonly Look[],
  weights: Weights,
  config: Config,
  ids: Uint32Array,
  layer: number,
): Promise<Deviation[]> {
  const exact = await look(reference, weights, config, ids, layer);
  return exact.map(({ tap, data }, i) => {
    let [largest, scale] = [0, 0];
    data.forEach((value, at) => {
      largest = Math.max(largest, Math.abs(value - looks[i]!.data[at]!));
      scale = Math.max(scale, Math.abs(value));
    });
    return { tap, largest, scale };
  });
}
