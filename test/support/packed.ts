/** Packed matrices of golden/packed/layers as a checkpoint has them, whole or damaged. */
import { readFileSync } from "node:fs";
import { packedMatrix } from "../../src/files/packed.ts";
import type { Packing } from "../../src/files/quantization.ts";
import { parseSafetensors } from "../../src/files/safetensors.ts";
import { goldenPath } from "./golden.ts";
import { memorySource } from "./sources.ts";

/** What holds the case: packed here in Python, or by the format's own library. */
export type PackedFile = "layers" | "library";

const SHAPES = { layers: [72, 160], library: [64, 96] } as const;
const FILES = { layers: tensorsOf("layers"), library: tensorsOf("library") };
const STEM = "model.layers.0.mlp.up_proj";

/** The tensors of a case, by what follows the matrix's name; copies, to be changed. */
export function bytesOf(name: string, file: PackedFile = "layers"): Map<string, Uint8Array> {
  const own = [...FILES[file]].filter(([key]) => key.startsWith(`${name}.`) && !key.endsWith(".values"));
  return new Map(own.map(([key, { bytes }]) => [key.slice(name.length + 1), new Uint8Array(bytes)]));
}

/** The matrix of a case ([72 160], of the library [64 96]), and the source it reads from. */
export function packedLayer(name: string, packing: Packing, changed = bytesOf(name), file: PackedFile = "layers") {
  const tensors = [...changed].map(([part, bytes]) => {
    const { dtype, shape } = FILES[file].get(`${name}.${part}`)!;
    return [`${STEM}.${part}`, { format: dtype, shape, bytes }] as const;
  });
  const source = memorySource(new Map(tensors));
  const weight = { name: `${STEM}.weight`, shape: SHAPES[file] };
  return { source, matrix: packedMatrix<"F C">(source, weight, packing, { block: undefined }) };
}

function tensorsOf(file: PackedFile) {
  const path = goldenPath(`packed/${file}.safetensors`);
  return parseSafetensors(readFileSync(path), path);
}
