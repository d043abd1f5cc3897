/** Packed matrices of golden/packed/layers as a checkpoint has them, whole or damaged. */
import { readFileSync } from "node:fs";
import { packedMatrix } from "../../src/files/packed.ts";
import type { Packing } from "../../src/files/quantization.ts";
import { parseSafetensors } from "../../src/files/safetensors.ts";
import { goldenPath } from "./golden.ts";
import { memorySource } from "./sources.ts";

const path = goldenPath("packed/layers.safetensors");
const all = parseSafetensors(readFileSync(path), path);
const STEM = "model.layers.0.mlp.up_proj";

/** The tensors of a case, by what follows the matrix's name; copies, to be changed. */
export function bytesOf(name: string): Map<string, Uint8Array> {
  const own = [...all].filter(([key]) => key.startsWith(`${name}.`) && !key.endsWith(".values"));
  return new Map(own.map(([key, { bytes }]) => [key.slice(name.length + 1), new Uint8Array(bytes)]));
}

/** The matrix of a case [72 160], and the source it reads from. */
export function packedLayer(name: string, packing: Packing, changed = bytesOf(name)) {
  const tensors = [...changed].map(([part, bytes]) => {
    const { dtype, shape } = all.get(`${name}.${part}`)!;
    return [`${STEM}.${part}`, { format: dtype, shape, bytes }] as const;
  });
  const source = memorySource(new Map(tensors));
  const weight = { name: `${STEM}.weight`, shape: [72, 160] };
  return { source, matrix: packedMatrix<"F C">(source, weight, packing, { block: undefined }) };
}
