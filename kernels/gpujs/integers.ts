/** The integers behind a stored matrix, where each of its values is an integer of a byte times its group's scale. */
import { FORMATS } from "../../src/quant/index.ts";
import { narrowInt8 } from "../../src/quant/int8.ts";
import type { GroupBlocks, Stored } from "../../src/tensor.ts";

/** A matrix as w[o i] = q[o i] s[o g], g = i / group, with -128 <= q < 128. */
export interface Integers {
  /** Inputs that share a scale: all of a row, or a whole part of them. */
  readonly group: number;
  /** Writes q + 128 of rows [first, first + rows) into `q`, and the scales of their groups into `scales`. */
  read(first: number, rows: number, q: Uint8Array, scales: Float32Array): void;
}

/** Q8_0 is such blocks already. */
const Q8_0: GroupBlocks = { bits: 8, group: 32, scale: "F16", zeros: false, divided: false, order: undefined };

/** Those of a matrix that has some: Q8_0, int8 and int4 of compressed-tensors, LLM.int8, AWQ and GPTQ of 4 bits in order. */
export function integersOf(W: Stored<string>): Integers | undefined {
  const blocks = W.format === "Q8_0" ? Q8_0 : W.blocks;
  if (blocks === undefined || blocks.order !== undefined || (blocks.bits === 8 && blocks.zeros)) return undefined;
  const [, I = 0] = W.shape;
  const { group } = blocks;
  return {
    group,
    read: (first, rows, q, scales) =>
      W.window(first, rows, (bytes) => {
        readBlocks(blocks, bytes, (rows * I) / group, q, scales);
      }),
  };
}

/** A stored matrix with each group rounded to int8: 128 inputs, 64, 32, or a whole row where none divides it. */
export function rounding({ shape, widen }: Stored<string>): Integers {
  const [, I = 0] = shape;
  const group = [128, 64, 32].find((size) => I % size === 0) ?? I;
  let values = new Float32Array(0);
  return {
    group,
    read(first, rows, q, scales) {
      if (values.length < rows * I) values = new Float32Array(rows * I);
      widen(first, rows, values);
      for (let g = 0; g < scales.length; g++) scales[g] = narrowInt8(values, g * group, group, q, g * group);
    },
  };
}

function readBlocks(of: GroupBlocks, bytes: Uint8Array, count: number, q: Uint8Array, scales: Float32Array): void {
  const format = FORMATS.get(of.scale)!;
  let at = 0;
  for (let g = 0; g < count; g++) {
    format.widen(bytes, at, 1, scales, g);
    if (of.divided) scales[g]! /= 127;
    at += format.bytes;
    if (of.bits === 8) for (let i = 0; i < of.group; i++) q[g * of.group + i] = bytes[at + i]! ^ 128;
    else halves(of, bytes, of.zeros ? at + 1 : at, of.zeros ? bytes[at]! : 8, q, g * of.group);
    at += (of.zeros ? 1 : 0) + (of.group * of.bits) / 8;
  }
}

/** q - z + 128 of a group of 4 bits: each 32 inputs are 16 bytes, the first 16 in the low halves. */
function halves({ group }: GroupBlocks, bytes: Uint8Array, at: number, zero: number, q: Uint8Array, to: number): void {
  for (let from = 0; from < group; from += 32, at += 16) {
    for (let j = 0; j < 16; j++) {
      const both = bytes[at + j]!;
      q[to + from + j] = (both & 15) - zero + 128;
      q[to + from + 16 + j] = (both >> 4) - zero + 128;
    }
  }
}
