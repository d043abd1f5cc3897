/**
 * Which kernel multiplies which number format, and in what form it wants the activations. A format that is not here is
 * widened to float32, part by part.
 */

import type { GroupBlocks } from "../../src/tensor.ts";

/** How activations meet quantised weights: as they are, or rounded to bytes with a scale for each 32. */
export type Activations = "f32" | "int8";

/** A kernel for weights as they are stored. */
export interface Product {
  readonly kernel: string;
  /** What makes the activations' integers; undefined where the kernel takes float32. */
  readonly quantise?: string;
  /** The format's number in assembly/floats.ts or assembly/unpack.ts. */
  readonly format: number;
  /** Values of a block, and bytes. */
  readonly block: number;
  readonly bytes: number;
  /** The input at each place of a row, where they are not in order. */
  readonly order?: Uint32Array | undefined;
}

/** Name, number in assembly/floats.ts, bytes of a value. */
const FLOATS = [
  ["F32", 0, 4],
  ["BF16", 1, 2],
  ["F16", 2, 2],
] as const;

/** Name, number in assembly/unpack.ts, values and bytes of a block. */
const BLOCKS = [
  ["Q8_0", 0, 32, 34],
  ["Q4_0", 1, 32, 18],
  ["Q4_1", 2, 32, 20],
  ["Q5_0", 3, 32, 22],
  ["Q5_1", 4, 32, 24],
  ["IQ4_NL", 5, 32, 18],
  ["IQ4_XS", 6, 256, 136],
  ["Q3_K", 7, 256, 110],
  ["Q4_K", 8, 256, 144],
  ["Q5_K", 9, 256, 176],
  ["Q6_K", 10, 256, 210],
  ["Q2_K", 11, 256, 84],
] as const;

/** So many tokens or more are a prompt, and have kernels of their own. */
export const PROMPT = 16;

/** The kernels of a prompt, for any format of blocks. */
export const CHUNKED = { kernel: "linear_chunks", quantise: "quantise_chunks" } as const;

/** Formats with a kernel of their own for activations in integers and what makes these; then the same of relaxed SIMD. */
const OWN: Readonly<Record<string, readonly [string, string, string, string]>> = {
  Q8_0: ["linear_q8_0", "quantise", "linear_q8_0_relaxed", "quantise_apart"],
  Q4_0: ["linear_q4_0", "quantise_nibbles", "linear_q4_0_relaxed", "quantise_i8"],
  Q4_1: ["linear_q4_1", "quantise_nibbles", "linear_q4_1_relaxed", "quantise_i8"],
};

/** The number by which assembly/unpack-grouped.ts knows such blocks: how long they are, of what scale, zeros, bits. */
function numberOf({ bits, group, scale, zeros, divided }: GroupBlocks): number {
  const kind = divided ? 3 : SCALES.indexOf(scale);
  return ((group / 32) << 8) | 32 | (kind << 2) | (zeros ? 2 : 0) | (bits === 8 ? 1 : 0);
}

const SCALES: readonly string[] = ["F16", "BF16", "F32"];

/** The kernel for a matrix in that form. */
export function grouped(of: GroupBlocks, activations: Activations): Product {
  const { group, scale, zeros, bits, order } = of;
  const bytes = (scale === "F32" ? 4 : 2) + (zeros ? 1 : 0) + (group * bits) / 8;
  const form = { format: numberOf(of), block: group, bytes, order };
  if (activations === "f32") return { kernel: "linear_widened", ...form };
  return { kernel: "linear_grouped", quantise: "quantise", ...form };
}

/** The widest: weights in float32, from this computer's memory or widened by part. */
export const WIDE: Product = { kernel: "linear_floats", format: 0, block: 1, bytes: 4 };

/** The kernels by format. `relaxed`: whether the engine has relaxed SIMD. */
export function products(activations: Activations, relaxed: boolean): ReadonlyMap<string, Product> {
  const floats = FLOATS.map(([name, format, bytes]) => [name, { ...WIDE, format, bytes }] as const);
  const blocks = BLOCKS.map(([name, format, block, bytes]) => {
    const of = { format, block, bytes };
    if (activations === "f32") return [name, { kernel: "linear_widened", ...of }] as const;
    const own = OWN[name];
    if (own === undefined) {
      const quantise = name === "Q2_K" ? "quantise_halves" : "quantise"; // its minimums are of 16 weights
      return [name, { kernel: "linear_unpacked", quantise, ...of }] as const;
    }
    const [kernel, quantise] = relaxed ? own.slice(2) : own;
    return [name, { kernel: kernel!, quantise, ...of }] as const;
  });
  return new Map<string, Product>([...floats, ...blocks]);
}
