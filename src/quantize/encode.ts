/** Some rows of a weight: widened, looked at, narrowed, handed on. */
import { FormatError } from "../errors.ts";
import { quote } from "../json/quote.ts";
import { narrowInt8 } from "../quant/int8.ts";
import { NARROWS } from "../quant/narrow.ts";
import { isHost, isStored } from "../tensor.ts";
import type { Weights } from "../weights.ts";
import type { Target } from "./target.ts";

/** Values widened at a time: 1 MiB of float32. */
const VALUES = 1 << 18;

/** Where encoded bytes go: to a file by its number, at that place. */
export type Write = (file: number, at: number, bytes: Uint8Array) => void;

/** Writes rows [first, first + rows) of a weight as float32. */
export type Widen = (target: Target, first: number, rows: number, into: Float32Array) => void;

/** The rows that are widened together: whole heads where they are to be moved. */
function step({ columns, interleaved }: Target): number {
  const rows = Math.max(1, Math.floor(VALUES / columns));
  return interleaved === 0 ? rows : Math.ceil(rows / interleaved) * interleaved;
}

/** How the rows of a weight are shared out among threads: runs of about 16 of what is widened at a time. */
export function runRows(target: Target): number {
  return 16 * step(target);
}

/**
 * Encodes rows [first, first + count) of `target` and hands their bytes to `write`.
 *
 * throws   FormatError E_WEIGHT_NONFINITE for NaN and infinities, E_Q_RANGE for a value that the format cannot scale; what
 *          reading the weight throws
 */
export function encodeRows(widen: Widen, target: Target, first: number, count: number, write: Write): void {
  const at = Math.min(step(target), count);
  const values = new Float32Array(at * target.columns);
  for (let done = 0; done < count; done += at) {
    const rows = Math.min(at, count - done);
    const some = values.subarray(0, rows * target.columns);
    widen(target, first + done, rows, some);
    const most = NARROWS.get(target.format)?.most ?? Infinity;
    check(target, first + done, some, Math.min(most, 2 ** 128 - 2 ** 103));
    const inOrder = target.interleaved === 0 ? some : interleave(some, target);
    if (target.format === "INT8") writeInt8(target, first + done, inOrder, write);
    else writeBlocks(target, first + done, inOrder, write);
  }
}

/** From a model's weights. */
export function weightsWiden(weights: Weights): Widen {
  const layers = new Map(weights.layers());
  return (target, first, rows, into) => {
    const { ours, layer, columns } = target;
    const outer = ours === "E" || ours === "g" || ours === "U";
    const tensor = outer ? weights[ours] : layers.get(layer)![ours]!;
    if (isStored(tensor)) tensor.widen(first, rows, into);
    else if (isHost(tensor)) into.set(tensor.data.subarray(first * columns, (first + rows) * columns));
  };
}

function check({ name, columns, format }: Target, first: number, values: Float32Array, most: number): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Math.abs(value) <= most) continue;
    const finite = Number.isFinite(value);
    const where = `row ${first + Math.floor(i / columns)}, column ${i % columns}`;
    throw new FormatError(finite ? "E_Q_RANGE" : "E_WEIGHT_NONFINITE", name, {
      tensor: quote(name),
      expected: finite ? `values up to ${most}, for the scales of ${format}` : "finite weights",
      actual: `${value} in ${where}`,
      hint: "qwq inspect --weights lists such values; get the model again.",
    });
  }
}

/** Rows of whole heads, in the order of llama.cpp's Llama: row s D/2 + j of a head becomes its row 2j + s. */
function interleave(values: Float32Array, { columns, interleaved: D }: Target): Float32Array {
  const moved = new Float32Array(values.length);
  for (let row = 0; row < values.length / columns; row++) {
    const d = row % D;
    const to = row - d + (d < D / 2 ? 2 * d : 2 * d - D + 1);
    moved.set(values.subarray(row * columns, (row + 1) * columns), to * columns);
  }
  return moved;
}

function writeBlocks(target: Target, first: number, values: Float32Array, write: Write): void {
  const { format, narrow } = NARROWS.get(target.format)!;
  const blocks = values.length / format.block;
  const bytes = new Uint8Array(blocks * format.bytes);
  narrow(values, 0, blocks, bytes, 0);
  write(target.file, target.at + ((first * target.columns) / format.block) * format.bytes, bytes);
}

function writeInt8(target: Target, first: number, values: Float32Array, write: Write): void {
  const { columns, group } = target;
  const packed = new Uint8Array(values.length);
  const scales = new Float32Array(values.length / group);
  for (let g = 0; g < scales.length; g++) scales[g] = narrowInt8(values, g * group, group, packed, g * group);
  write(target.file, target.at + first * columns, packed);
  write(target.scalesFile, target.scalesAt + 4 * first * (columns / group), new Uint8Array(scales.buffer));
}
