/** Packed matrices of golden/packed/layers as a checkpoint has them, whole or damaged. */
import { readFileSync } from "node:fs";
import { packedMatrix } from "../../src/files/packed.ts";
import { HALF } from "../../src/quant/f16.ts";
import type { GroupBlocks } from "../../src/tensor.ts";
import type { Packing } from "../../src/files/quantization.ts";
import { parseSafetensors } from "../../src/files/safetensors.ts";
import { goldenPath } from "./golden.ts";
import { memorySource } from "./sources.ts";

/** The cases of golden/packed/layers and their packings. */
export const PACKED_CASES: readonly (readonly [name: string, packing: Packing])[] = [
  ["awq", { kind: "awq", bits: 4, group: 32 }],
  ["gptq-int4", { kind: "gptq", bits: 4, group: 32 }],
  ["gptq-int4-act", { kind: "gptq", bits: 4, group: 32 }],
  ["gptq-int8", { kind: "gptq", bits: 8, group: undefined }],
  ["gptq-int8-act", { kind: "gptq", bits: 8, group: 32 }],
  ["llm-int8", { kind: "llm-int8" }],
  ["ct-w8a16", { kind: "compressed", bits: 8, group: undefined, packed: true }],
  ["ct-w4a16", { kind: "compressed", bits: 4, group: 32, packed: true }],
  ["ct-int8", { kind: "compressed", bits: 8, group: undefined, packed: false }],
];

/** The values that bytes in blocks stand for, by the letter of src/tensor.ts. */
export function blockValues(of: GroupBlocks, bytes: Uint8Array, inputs: number): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const scale = { F16: HALF[view.getUint16(at, true)]!, BF16: bfloat16(view.getUint16(at, true)), F32: 0 }[of.scale];
    const s = of.scale === "F32" ? view.getFloat32(at, true) : scale;
    at += of.scale === "F32" ? 4 : 2;
    const about = of.bits === 8 ? 0 : 8;
    const z = !of.zeros ? about : of.bits === 8 ? view.getInt8(at) : view.getUint8(at);
    if (of.zeros) at++;
    for (let i = 0; i < of.group; i++) {
      const half = (view.getUint8(at + 16 * (i >> 5) + (i & 15)) >> (i & 16 ? 4 : 0)) & 15;
      const q = of.bits === 8 ? view.getInt8(at + i) : half;
      values.push(of.divided ? (s * (q - z)) / 127 : s * (q - z));
    }
    at += (of.group * of.bits) / 8;
  }
  if (of.order === undefined) return Float32Array.from(values);
  const ordered = new Float32Array(values.length);
  values.forEach((value, k) => (ordered[k - (k % inputs) + of.order![k % inputs]!] = value));
  return ordered;
}

function bfloat16(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!;
}

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
