/**
 * AWQ and GPTQ store the transpose, [in, out], so that a row of W is a column of words. A block of columns is gathered
 * at once and kept until another is asked for; it is one block for a whole model.
 *
 * cost     a matrix of [O, I] is read O / B times, where a block of B outputs takes 16 MiB: once where it takes at most
 *          that (QwQ-32B's q and o), 5 times for gate, up and down in int4. Memory: that block and 1 MiB. Measured on
 *          [27648 5120] (AMD EPYC, Node 20, busy): 5.7 ns a weight, of which gathering takes 1.5.
 */
import { unpackAwq } from "../quant/awq.ts";
import { gptqZero } from "../quant/gptq.ts";
import type { GroupedRow } from "../quant/grouped.ts";
import { unpackWords } from "../quant/words.ts";
import type { GroupBlocks } from "../tensor.ts";
import { isWhole, ordered } from "./packed-blocks.ts";
import { damaged, inOrder, readGroups, readScales, words } from "./packed-parts.ts";
import type { TensorInfo, WeightSource } from "./source.ts";

const BLOCK_BYTES = 1 << 24;
const WINDOW_BYTES = 1 << 20;

/** One matrix: its tensors, its sizes, its packing. */
export interface Columns {
  readonly kind: "awq" | "gptq";
  readonly bits: 4 | 8;
  readonly group: number | undefined;
  readonly outputs: number;
  readonly inputs: number;
  readonly qweight: TensorInfo;
  readonly qzeros: TensorInfo;
  readonly scales: TensorInfo;
  /** GPTQ's; AWQ's inputs are in order. */
  readonly groups: TensorInfo | undefined;
}

/** The outputs [first, first + rows) of a matrix. Words run along the inputs, column after column. */
interface Block {
  readonly of: Columns;
  readonly first: number;
  readonly rows: number;
  readonly words: Int32Array;
  /** Words in a column. */
  readonly height: number;
  readonly scales: Float32Array;
  readonly zeros: Int16Array;
  readonly group: Int32Array;
}

/** What the packed matrices of a model share. */
export interface Slot {
  /** The one block that is kept. */
  block: Block | undefined;
  /** Where rows are put that are lent. */
  lent?: Uint8Array | undefined;
}

/** Shows `use` outputs [first, first + rows) of the matrix. Throws what packed-parts.ts says of damaged values. */
export function eachColumn(
  source: WeightSource,
  slot: Slot,
  of: Columns,
  first: number,
  rows: number,
  use: (row: GroupedRow, done: number) => void,
): void {
  const q = new Int16Array(of.inputs);
  for (let done = 0; done < rows; done++) {
    const o = first + done;
    const block = blockWith(source, slot, of, o);
    const { words, height, scales, zeros, group } = block;
    const row = o - block.first;
    if (of.kind === "awq") unpackAwq(words, (row >>> 3) * height, o, q, of.inputs);
    else unpackWords(words, row * height, of.bits, q, of.inputs, 0);
    const at = row * of.scales.shape[0]!;
    use({ q, group, scales, zeros, at }, done);
  }
}

/** The form in which its rows are lent, if its groups allow one. Reads which input is in which group. */
export function columnBlocks(source: WeightSource, of: Columns): GroupBlocks | undefined {
  const { bits, inputs, scales, group = inputs } = of;
  if (!isWhole(inputs, group)) return undefined;
  const order = of.groups === undefined ? undefined : ordered(readGroups(source, of.groups, scales.shape[0]!), group);
  if (order === null) return undefined;
  return { bits, group, scale: scales.format as GroupBlocks["scale"], zeros: true, divided: false, order };
}

function blockWith(source: WeightSource, slot: Slot, of: Columns, o: number): Block {
  const { block } = slot;
  if (block?.of === of && o >= block.first && o < block.first + block.rows) return block;
  const step = Math.max(32, Math.floor((8 * BLOCK_BYTES) / (of.inputs * of.bits) / 32) * 32);
  const first = Math.floor(o / step) * step;
  slot.block = undefined; // the old one is let go before the new one is made
  slot.block = load(source, of, first, Math.min(step, of.outputs - first));
  return slot.block;
}

function load(source: WeightSource, of: Columns, first: number, rows: number): Block {
  const per = of.kind === "awq" ? 8 : 1;
  const [groups = 0] = of.scales.shape;
  return {
    of,
    first,
    rows,
    words: gather(source, of.qweight, first / per, rows / per),
    height: of.qweight.shape[0]!,
    scales: gatherScales(source, of, first, rows),
    zeros: gatherZeros(source, of, first, rows),
    group: of.groups === undefined ? inOrder(of.inputs, of.group) : readGroups(source, of.groups, groups),
  };
}

/** Columns [first, first + count) of a matrix of words, transposed. */
function gather(source: WeightSource, info: TensorInfo, first: number, count: number): Int32Array {
  const [height = 0, width = 0] = info.shape;
  const gathered = new Int32Array(count * height);
  const step = Math.max(1, Math.floor(WINDOW_BYTES / (4 * width)));
  for (let from = 0; from < height; from += step) {
    const lines = Math.min(step, height - from);
    source.window(info, from * width * 4, lines * width * 4, (bytes) => {
      const lent = words(bytes);
      // Sixteen columns at a time: the 64 bytes that a processor fetches together.
      for (let left = 0; left < count; left += 16) {
        const right = Math.min(count, left + 16);
        for (let r = 0; r < lines; r++) {
          const at = r * width + first;
          for (let c = left; c < right; c++) gathered[c * height + from + r] = lent[at + c]!;
        }
      }
    });
  }
  return gathered;
}

/** [rows, groups] of scales stored as [groups, outputs]. */
function gatherScales(source: WeightSource, of: Columns, first: number, rows: number): Float32Array {
  const [groups = 0] = of.scales.shape;
  const gathered = new Float32Array(rows * groups);
  for (let g = 0; g < groups; g++) {
    const scales = readScales(source, of.scales, g * of.outputs + first, rows);
    for (let row = 0; row < rows; row++) gathered[row * groups + g] = scales[row]!;
  }
  return gathered;
}

/** [rows, groups] of zero points, which are packed along the outputs in both formats. */
function gatherZeros(source: WeightSource, of: Columns, first: number, rows: number): Int16Array {
  const [groups = 0] = of.qzeros.shape;
  const per = 32 / of.bits;
  const packed = gather(source, of.qzeros, first / per, rows / per);
  const gathered = new Int16Array(rows * groups);
  const one = new Int16Array(groups);
  for (let row = 0; row < rows; row++) {
    const at = Math.floor(row / per) * groups;
    if (of.kind === "awq") unpackAwq(packed, at, row, one, groups);
    else for (let g = 0; g < groups; g++) one[g] = gptqZero(packed[at + g]!, row, of.bits) ?? wraps(of, first + row);
    gathered.set(one, row * groups);
  }
  return gathered;
}

function wraps(of: Columns, o: number): never {
  const expected = `stored zero points below ${2 ** of.bits - 1}`;
  throw damaged("E_Q_RANGE", of.qzeros, expected, `${2 ** of.bits - 1} for output ${o}`);
}
