/**
 * One of two checkpoints that are held against each other: its tensors by the page's names, whether or not they make the
 * model that its config describes. What is missing or too much is for the comparison to say.
 */
import { join } from "node:path";
import type { Config } from "../../config.ts";
import { readConfig } from "../../files/config.ts";
import { ggufConfig } from "../../files/gguf-config.ts";
import { openGgufParts } from "../../files/gguf-parts.ts";
import { locate } from "../../files/locate.ts";
import { LAYER_WEIGHTS, layerName, MODEL_WEIGHTS, type Naming, sizes } from "../../files/names.ts";
import { openSource } from "../../files/open-source.ts";
import { packedMatrix } from "../../files/packed.ts";
import type { Slot } from "../../files/packed-columns.ts";
import { isPacked, stem } from "../../files/packed-tensors.ts";
import { readInside } from "../../files/paths.ts";
import type { Packing } from "../../files/quantization.ts";
import { openShards } from "../../files/shards.ts";
import type { WeightSource } from "../../files/source.ts";
import { matrix } from "../../files/weights.ts";

const MOST_CONFIG = 2 ** 20;

/** A weight, a vector as a column: values in the order of the page, however they are stored. */
export interface Weight {
  /** The tensor's own name. */
  readonly name: string;
  /** Its number format: "F32", "BF16", "Q8_0". */
  readonly format: string;
  readonly rows: number;
  readonly columns: number;
  /** Writes rows [first, first + rows) as float32. */
  widen(first: number, rows: number, into: Float32Array): void;
}

/** Where a weight belongs: a layer, or the model (no layer), and the page's name there. */
export interface Place {
  readonly ours: string;
  readonly layer: number | undefined;
}

/** An open checkpoint. */
export interface Side {
  readonly path: string;
  readonly kind: Naming;
  readonly config: Config;
  /** The names of all its tensors. */
  readonly names: readonly string[];
  /** The tensors that a weight lies in, as far as they are there. */
  parts(place: Place): string[];
  /** `undefined` where there is none. Throws FormatError for a number format that cannot be read. */
  weight(place: Place): Weight | undefined;
  close(): void;
}

/** Opens a folder or a GGUF file. Throws as `locate`, `openShards`, `readConfig`, `openGgufParts` and `ggufConfig`. */
export function openSide(model: string): Side {
  const { kind, path } = locate(model);
  if (kind === "gguf") {
    const { files, gguf } = openGgufParts(path);
    const { source } = openSource(files, gguf.tensors);
    return closing(source, () => side(path, kind, ggufConfig(gguf), source));
  }
  const shards = openShards(path);
  const { source } = openSource(shards.files, shards.tensors);
  return closing(source, () => {
    const at = join(path, "config.json");
    const { config, packing } = readConfig(readInside(path, "config.json", MOST_CONFIG, "E_LIMIT_CONFIG"), at);
    return side(path, kind, config, source, packing);
  });
}

function closing<R>(source: WeightSource, open: () => R): R {
  try {
    return open();
  } catch (error) {
    source.close();
    throw error;
  }
}

function side(path: string, kind: Naming, config: Config, source: WeightSource, packing?: Packing): Side {
  const slot: Slot = { block: undefined };
  const name = ({ ours, layer }: Place) =>
    layer === undefined
      ? MODEL_WEIGHTS.find((row) => row.ours === ours)![kind]
      : layerName(
          LAYER_WEIGHTS.find((row) => row.ours === ours)!,
          layer,
          kind,
        );
  const beside = (whole: string) =>
    packing === undefined ? [] : [...source.tensors.keys()].filter((part) => part.startsWith(`${stem(whole)}.`));
  const parts = (place: Place) => {
    const whole = name(place);
    return whole.endsWith(".weight") ? [...new Set([whole, ...beside(whole)])].filter(has) : [whole].filter(has);
  };
  const has = (part: string) => source.tensors.has(part);
  const weight = (place: Place) => {
    const whole = name(place);
    const expected = { name: whole, shape: shapeOf(place, config) };
    if (packing !== undefined && isPacked(expected, packing, source.tensors) && beside(whole).length > 0) {
      return asWeight(packedMatrix(source, expected, packing, slot), whole);
    }
    return plain(source, whole, interleaved(place, kind, config));
  };
  return { path, kind, config, names: [...source.tensors.keys()], parts, weight, close: () => source.close() };
}

function shapeOf({ ours, layer }: Place, config: Config): number[] {
  const rows = layer === undefined ? MODEL_WEIGHTS : LAYER_WEIGHTS;
  return rows.find((row) => row.ours === ours)!.axes.map((axis) => sizes(config)[axis]);
}

/** The head size where rows lie as llama.cpp's `llama` architecture wants them; see files/weights.ts. */
function interleaved({ ours }: Place, kind: Naming, config: Config): number | undefined {
  return kind === "gguf" && config.architecture === "llama" && (ours === "Wq" || ours === "Wk")
    ? config.headSize
    : undefined;
}

function plain(source: WeightSource, name: string, D: number | undefined): Weight | undefined {
  const info = source.tensors.get(name);
  if (info === undefined) return undefined;
  if (info.shape.length >= 2) return asWeight(matrix(source, info, D), name);
  const all = matrix(source, { ...info, shape: [1, info.shape[0] ?? 1] });
  const values = new Float32Array(all.shape[1]!);
  all.widen(0, 1, values);
  const widen = (first: number, rows: number, into: Float32Array) => into.set(values.subarray(first, first + rows));
  return { name, format: all.format, rows: values.length, columns: 1, widen };
}

function asWeight({ shape, format, widen }: ReturnType<typeof matrix>, name: string): Weight {
  return { name, format, rows: shape[0]!, columns: shape[1]!, widen };
}
