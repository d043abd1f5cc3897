/**
 * Rows of grouped integers as blocks (src/tensor.ts, GroupBlocks): what kernels keep of AWQ, GPTQ, LLM.int8 and
 * compressed-tensors, none of which has the bytes of a row in one place.
 */
import type { GroupedRow } from "../quant/grouped.ts";
import { half } from "../quant/narrowing.ts";
import type { GroupBlocks } from "../tensor.ts";

/** A row with its scales and zero points, group by group. */
export type Row = Omit<GroupedRow, "group">;

/** Inputs that a kernel takes together. */
const TOGETHER = 32;
const SCALE_BYTES = { F16: 2, BF16: 2, F32: 4 } as const;

/** Whether rows of `inputs` in groups of `group` are blocks that a kernel can take. */
export function isWhole(inputs: number, group: number): boolean {
  return inputs % group === 0 && group % TOGETHER === 0;
}

/** Bytes of a block. */
export function blockBytes({ bits, group, scale, zeros }: GroupBlocks): number {
  return SCALE_BYTES[scale] + (zeros ? 1 : 0) + (group * bits) / 8;
}

/**
 * The order in which the inputs of a group follow each other; undefined where they do already, null where groups are not all
 * of that size.
 */
export function ordered(group: Int32Array, size: number): Uint32Array | undefined | null {
  const next = Int32Array.from({ length: group.length / size }, (_, g) => g * size);
  const order = new Uint32Array(group.length);
  let sorted = true;
  for (let i = 0; i < group.length; i++) {
    const g = group[i]!;
    const at = next[g]!++;
    if (at === (g + 1) * size) return null;
    order[at] = i;
    sorted &&= at === i;
  }
  return sorted ? undefined : order;
}

/** Writes a row at `into[to]`. */
export function writeBlocks(of: GroupBlocks, { q, scales, zeros, at }: Row, into: Uint8Array, to: number): void {
  const { bits, group, zeros: hasZeros, order } = of;
  const codes = order === undefined ? q : Int16Array.from(order, (i) => q[i]!);
  for (let first = 0, g = at; first < q.length; first += group, g++) {
    to = writeScale(of.scale, scales[g]!, into, to);
    if (hasZeros) into[to++] = zeros[g]! - (bits === 8 ? 128 : 0);
    if (bits === 8) writeBytes(codes, first, group, hasZeros ? 128 : 0, into, to);
    else writeHalves(codes, first, group, hasZeros ? 0 : 8, into, to);
    to += (group * bits) / 8;
  }
}

const VALUE = new Float32Array(1);
const BYTES = new Uint8Array(VALUE.buffer);

/** The scale is one of its format already. Returns where it ends. */
function writeScale(format: GroupBlocks["scale"], scale: number, into: Uint8Array, to: number): number {
  if (format === "F16") {
    const bits = half(scale);
    into[to] = bits & 255;
    into[to + 1] = bits >> 8;
    return to + 2;
  }
  VALUE[0] = scale;
  for (let i = format === "BF16" ? 2 : 0; i < 4; i++) into[to++] = BYTES[i]!;
  return to;
}

function writeBytes(q: Row["q"], first: number, count: number, less: number, into: Uint8Array, to: number): void {
  if (q instanceof Int8Array && less === 0) into.set(q.subarray(first, first + count), to);
  else for (let i = 0; i < count; i++) into[to + i] = q[first + i]! - less;
}

function writeHalves(q: Row["q"], first: number, count: number, more: number, into: Uint8Array, to: number): void {
  for (let from = first; from < first + count; from += TOGETHER, to += TOGETHER / 2) {
    for (let i = 0; i < TOGETHER / 2; i++) into[to + i] = (q[from + i]! + more) | ((q[from + 16 + i]! + more) << 4);
  }
}
