/**
 * The page with eyes, and with some of its activations left out: backends that count what a token touches, look at how its
 * SwiGLU activations are spread, or set the smallest of them to zero.
 */
import type { Ops } from "../../src/ops.ts";
import { type Host, host, isStored, type Tensor } from "../../src/tensor.ts";

/** Parameters and bytes that the equations read. */
export interface Touched {
  /** Of the matrices of the layers and of the unembedding, biases and gains, and rows of the embedding. */
  parameters: number;
  /** Of those, the matrices between C and F: gate, up and down. */
  feedForward: number;
  bytes: number;
}

/** The same backend; what its equations read is added to `touched`. */
export function counting(ops: Ops, touched: Touched, F: number): Ops {
  const read = (parameters: number, bytes: number) => {
    touched.parameters += parameters;
    touched.bytes += bytes;
  };
  return {
    ...ops,
    embed(E, ids) {
      const bytes = isStored(E) ? E.window(0, 1, (row) => row.length) : 4 * E.shape[1]!;
      read(ids.length * E.shape[1]!, ids.length * bytes);
      return ops.embed(E, ids);
    },
    rmsNorm(x, g, eps) {
      read(g.shape[0]!, 4 * g.shape[0]!);
      return ops.rmsNorm(x, g, eps);
    },
    linear(x, W, b) {
      const [O, I] = W.shape as [number, number];
      read(O * I, isStored(W) ? W.window(0, O, (all) => all.length) : 4 * O * I);
      if (b !== undefined) read(O, 4 * O);
      if (O === F || I === F) touched.feedForward += O * I;
      return ops.linear(x, W, b);
    },
  };
}

/** Where activations are told which of them go: the smallest by what they are, or by their gate, which is known sooner. */
export type Rule =
  | { readonly by: "activation" | "gate" | "chance"; readonly share: number }
  /** The same ones for every token: `keep[layer]` says which stay. */
  | { readonly by: "layer"; readonly share: number; readonly keep: readonly Uint8Array[] };

/** The same backend, whose SwiGLU leaves out a share of its activations, token by token. Layers come in their order. */
export function skipping(ops: Ops, rule: Rule, layers: number): Ops {
  let call = 0;
  let seed = 1;
  const chance = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return {
    ...ops,
    swiglu(gate, up) {
      const g = rule.by === "gate" ? silu(here(ops, gate)) : undefined;
      const act = here(ops, ops.swiglu(gate, up));
      const layer = call++ % layers;
      const [T, F] = act.shape as [number, number];
      const h = act.data.slice();
      for (let t = 0; t < T; t++) {
        const row = h.subarray(t * F, (t + 1) * F);
        if (rule.by === "layer") rule.keep[layer]!.forEach((kept, f) => kept || (row[f] = 0));
        else if (rule.by === "chance") row.forEach((_, f) => chance() < rule.share && (row[f] = 0));
        else drop(row, g?.subarray(t * F, (t + 1) * F) ?? row.slice(), rule.share);
      }
      return ops.upload(host<"T F">([T, F], h));
    },
  };
}

/** Sets those values to 0 whose `size` is among the smallest `share`. */
export function drop(values: Float32Array, size: Float32Array, share: number): void {
  const count = Math.round(share * values.length);
  if (count === 0) return;
  const order = Float32Array.from(size, Math.abs).sort();
  const most = order[count - 1]!;
  // Of equal ones so many go as there must be.
  let left = count - order.findIndex((x) => x === most);
  values.forEach((_, f) => {
    const here = Math.abs(size[f]!);
    if (here < most || (here === most && left-- > 0)) values[f] = 0;
  });
}

/** How activations are spread, token by token and layer by layer; means over all rows seen. */
export class Spread {
  /** Shares of the largest at which is counted how many are smaller. */
  static readonly BELOW = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3] as const;
  /** Shares of the activations, the largest first, of which the part of the squares is added up. */
  static readonly LARGEST = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8] as const;
  readonly layers: { rows: number; below: number[]; energy: number[]; zeros: number; mean: Float64Array }[] = [];

  /** The same backend, which shows its activations here. */
  watching(ops: Ops, layers: number): Ops {
    let call = 0;
    return {
      ...ops,
      swiglu: (gate, up) => {
        const act = here(ops, ops.swiglu(gate, up));
        this.add(call++ % layers, act);
        return ops.upload(host<"T F">([...act.shape], act.data.slice()));
      },
    };
  }

  private add(layer: number, { shape, data }: Host<"T F">): void {
    const [T, F] = shape as [number, number];
    const all = (this.layers[layer] ??= {
      rows: 0,
      below: Spread.BELOW.map(() => 0),
      energy: Spread.LARGEST.map(() => 0),
      zeros: 0,
      mean: new Float64Array(F),
    });
    for (let t = 0; t < T; t++) {
      const row = Float32Array.from(data.subarray(t * F, (t + 1) * F), Math.abs);
      row.forEach((x, f) => (all.mean[f]! += x));
      row.sort().reverse();
      all.rows++;
      all.zeros += row.filter((x) => x === 0).length / F;
      Spread.BELOW.forEach((share, i) => (all.below[i]! += row.filter((x) => x < share * row[0]!).length / F));
      const squares = row.reduce((sum, x) => sum + x * x, 0);
      Spread.LARGEST.forEach((share, i) => {
        const part = row.subarray(0, Math.round(share * F)).reduce((sum, x) => sum + x * x, 0);
        all.energy[i]! += part / squares;
      });
    }
  }

  /** For each layer the activations that stay, where the smallest share by their mean goes for every token. */
  keep(share: number): Uint8Array[] {
    return this.layers.map(({ mean }) => {
      const values = Float32Array.from(mean);
      const kept = Float32Array.from(mean, () => 1);
      drop(kept, values, share);
      return Uint8Array.from(kept);
    });
  }
}

function here<A extends string>(ops: Ops, x: Tensor<A>): Host<A> {
  const read = ops.download(x);
  if (read instanceof Promise) throw new Error("sparse.ts: a backend whose work is done later cannot be looked into");
  return read;
}

function silu({ data }: Host<"T F">): Float32Array {
  return data.map((g) => g / (1 + Math.exp(-g)));
}
