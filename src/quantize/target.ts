/** What is to be written: files, and in them every tensor with its place. Plain data, so that threads can be given it. */
import type { Config } from "../config.ts";
import { LAYER_WEIGHTS, layerName, MODEL_WEIGHTS, type Naming, sizes } from "../files/names.ts";
import { FORMATS } from "../quant/index.ts";
import type { Ours } from "./types.ts";

/** A weight of the model. */
export interface Place {
  readonly ours: Ours;
  /** -1 outside the layers. */
  readonly layer: number;
  /** Its name in the file to be written. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly rows: number;
  readonly columns: number;
}

/** A weight with what it becomes, and where that goes. */
export interface Target extends Place {
  /** A format by name, or "INT8". */
  readonly format: string;
  /** For INT8, the inputs that share a scale. */
  readonly group: number;
  /** The head size, where rows are to lie as interleaved RoPE has them; else 0. */
  readonly interleaved: number;
  /** The file, by its number, and the bytes before the data in it. */
  readonly file: number;
  readonly at: number;
  /** For INT8: likewise of the scales. */
  readonly scalesFile: number;
  readonly scalesAt: number;
}

/** A file to be made, and what in it is known before any weight is read. */
export interface OutputFile {
  /** Its name in the folder; "" where the output is this one file. */
  readonly name: string;
  readonly bytes: number;
  readonly known: readonly { readonly at: number; readonly bytes: Uint8Array }[];
}

/** Everything to be written. */
export interface Output {
  readonly files: readonly OutputFile[];
  readonly targets: readonly Target[];
}

/** Every weight of a model, by its name in a file, in the order of the page. */
export function placesOf(config: Config, naming: Naming): Place[] {
  const size = sizes(config);
  const place = (ours: Ours, layer: number, name: string, axes: readonly (keyof typeof size)[]): Place => {
    const shape = axes.map((axis) => size[axis]);
    return { ours, layer, name, shape, rows: shape.length === 1 ? 1 : shape[0]!, columns: shape.at(-1)! };
  };
  const inLayer = LAYER_WEIGHTS.filter((row) => config.biases || !row.ours.startsWith("b"));
  const layers = Array.from({ length: config.layers }, (_, l) =>
    inLayer.map((row) => place(row.ours, l, layerName(row, l, naming), row.axes)),
  );
  const [first, ...last] = MODEL_WEIGHTS.filter(({ ours }) => !(config.tied && ours === "U")).map((row) =>
    place(row.ours, -1, row[naming], row.axes),
  );
  return [first!, ...layers.flat(), ...last];
}

/** Whether it is a matrix of a layer. */
export function isInner({ layer, shape }: Place): boolean {
  return layer >= 0 && shape.length === 2;
}

/** Bytes of its data, scales and shape included. */
export function bytesOf({ format, group, rows, columns }: Target): number {
  if (format === "INT8") return rows * columns + 4 * rows * (columns / group) + 16;
  const { block, bytes } = FORMATS.get(format)!;
  return rows * (columns / block) * bytes;
}
