/**
 * The safetensors files of an int8 model: compressed-tensors' pack-quantized with 8 bits and float activations ("W8A16"),
 * which Hugging Face reads, by rows and by groups alike. (Of int-quantized, transformers 5.23 with compressed-tensors 0.20
 * reads neither where activations stay floats.)
 *
 * layout   in place of NAME.weight [O I]: NAME.weight_packed, int32 [O I/4], the bytes q + 128 in order; NAME.weight_scale,
 *          float32 [O 1] or [O I/group]; NAME.weight_shape, int64 [2]
 * source   compressed-tensors 0.20: PackedQuantizationCompressor
 */
import type { Config } from "../config.ts";
import { layOut } from "../files/safetensors-write.ts";
import { indexText, INDEX, inShards } from "../files/shards-write.ts";
import { FORMATS } from "../quant/index.ts";
import { isInner, type Output, type OutputFile, type Place, placesOf, type Target } from "./target.ts";

/** A tensor of a file. */
interface Part {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: { readonly length: number };
  /** Its bytes where they are known already. */
  readonly known?: Uint8Array;
}

export interface Int8Output extends Output {
  /** The index's name and text, where there are several files. */
  readonly index: { readonly name: string; readonly text: string } | undefined;
  /** Matrices of layers that stay as they are, since their inputs are no whole number of groups. */
  readonly plain: readonly string[];
}

/** The number format in which a weight that is not quantised is kept. */
export type KeptFormat = (place: Place) => "F32" | "F16" | "BF16";

/** Files of at most `most` bytes of tensors each; `synth` says in their headers how a random model was drawn. */
export function int8Output(
  config: Config,
  group: number | undefined,
  most: number,
  kept: KeptFormat,
  synth?: string,
): Int8Output {
  const metadata = new Map([["format", "pt"], ...(synth === undefined ? [] : [["synth", synth] as const])]);
  const places = placesOf(config, "safetensors");
  const isPlain = (place: Place) => place.columns % (group ?? 4) !== 0;
  const isPacked = (place: Place) => isInner(place) && !isPlain(place);
  const parts = places.flatMap((place) => (isPacked(place) ? packed(place, group) : [whole(place, kept(place))]));
  const shards = inShards(parts, most);
  const files: OutputFile[] = [];
  const found = new Map<string, { file: number; at: number }>();
  for (const [file, { file: name, tensors }] of shards.entries()) {
    const laid = layOut(name, new Map(tensors.map((part) => [part.name, part])), metadata);
    const known = [{ at: 0, bytes: laid.head }];
    let at = laid.head.length;
    for (const [part, { bytes, known: value }] of laid.sorted) {
      found.set(part, { file, at });
      if (value !== undefined) known.push({ at, bytes: value });
      at += bytes.length;
    }
    files.push({ name, bytes: laid.fileBytes, known });
  }
  const targets = places.map((place): Target => {
    const stem = place.name.slice(0, -".weight".length);
    const main = found.get(isPacked(place) ? `${stem}.weight_packed` : place.name)!;
    const scales = isPacked(place) ? found.get(`${stem}.weight_scale`)! : main;
    const format = isPacked(place) ? "INT8" : kept(place);
    const each = { format, group: group ?? place.columns, interleaved: 0 };
    return { ...place, ...each, file: main.file, at: main.at, scalesFile: scales.file, scalesAt: scales.at };
  });
  const index = shards.length === 1 ? undefined : { name: INDEX, text: indexText(shards) };
  return { files, targets, index, plain: places.filter((p) => isInner(p) && isPlain(p)).map(({ name }) => name) };
}

function whole({ name, shape }: Place, dtype: string): Part {
  const size = shape.reduce((product, n) => product * n, 1);
  return { name, dtype, shape, bytes: { length: FORMATS.get(dtype)!.bytes * size } };
}

function packed({ name, shape, rows, columns }: Place, group = columns): Part[] {
  const stem = name.slice(0, -".weight".length);
  const known = new Uint8Array(BigInt64Array.from(shape, BigInt).buffer);
  const scales = [rows, columns / group];
  return [
    { name: `${stem}.weight_packed`, dtype: "I32", shape: [rows, columns / 4], bytes: { length: rows * columns } },
    { name: `${stem}.weight_scale`, dtype: "F32", shape: scales, bytes: { length: 4 * rows * scales[1]! } },
    { name: `${stem}.weight_shape`, dtype: "I64", shape: [2], bytes: known, known },
  ];
}

/** config.json's quantization_config, as compressed-tensors writes it. */
export function int8Config(group: number | undefined, plain: readonly string[]): Record<string, unknown> {
  const weights = {
    num_bits: 8,
    type: "int",
    symmetric: true,
    strategy: group === undefined ? "channel" : "group",
    group_size: group ?? null,
    dynamic: false,
  };
  return {
    quant_method: "compressed-tensors",
    format: "pack-quantized",
    quantization_status: "compressed",
    config_groups: { group_0: { targets: ["Linear"], weights, input_activations: null, output_activations: null } },
    ignore: ["lm_head", ...plain.map((name) => name.slice(0, -".weight".length))],
  };
}
