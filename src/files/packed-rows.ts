/**
 * LLM.int8 and compressed-tensors store [out, in], row after row: a run of rows is one run of bytes.
 *
 * cost     every byte is read once
 */
import { unpackWords } from "../quant/words.ts";
import type { GroupedRow } from "../quant/grouped.ts";
import type { GroupBlocks } from "../tensor.ts";
import { isWhole } from "./packed-blocks.ts";
import { damaged, inOrder, readScales, words } from "./packed-parts.ts";
import type { TensorInfo, WeightSource } from "./source.ts";

const WINDOW_BYTES = 1 << 20;

/** One matrix of LLM.int8. */
export interface LlmInt8 {
  readonly inputs: number;
  readonly weight: TensorInfo;
  readonly scb: TensorInfo;
  readonly layout: TensorInfo;
}

/**
 * Shows `use` rows [first, first + rows), and the largest |weight| of each.
 *
 * throws   FormatError E_Q_RANGE for -128, which a symmetric scheme has not; E_Q_SCALE
 */
export function eachInt8(
  source: WeightSource,
  { inputs, weight, scb }: LlmInt8,
  first: number,
  rows: number,
  use: (q: Int8Array, scb: number, done: number) => void,
): void {
  const scales = readScales(source, scb, first, rows, true);
  eachRow(source, weight, inputs, first, rows, (bytes, done) => {
    const q = new Int8Array(bytes.buffer, bytes.byteOffset, inputs);
    const at = q.indexOf(-128);
    if (at >= 0) throw damaged("E_Q_RANGE", weight, "values from -127", `-128 in row ${first + done}, column ${at}`);
    use(q, scales[done]!, done);
  });
}

/** The form in which its rows are lent, if they are long enough: one block each. */
export function int8Blocks({ inputs: group }: LlmInt8): GroupBlocks | undefined {
  if (!isWhole(group, group)) return undefined;
  return { bits: 8, group, scale: "F32", zeros: false, divided: true, order: undefined };
}

/** Throws FormatError E_Q_RANGE for a layout (weight_format) that is not by rows. */
export function checkLayout(source: WeightSource, { layout }: LlmInt8): void {
  const order = source.window(layout, 0, 1, (bytes) => bytes[0]!);
  if (order !== 0) throw damaged("E_Q_RANGE", layout, "0, which says rows", `${order}`);
}

/** One matrix of compressed-tensors: integers packed or plain, symmetric. */
export interface Compressed {
  readonly outputs: number;
  readonly inputs: number;
  readonly bits: 4 | 8;
  readonly group: number | undefined;
  readonly weight: TensorInfo;
  readonly scales: TensorInfo;
  /** The shape [O, I] as values, where the integers are packed. */
  readonly shape: TensorInfo | undefined;
}

/**
 * Shows `use` rows [first, first + rows). -128 is an ordinary value here: the scale is the largest over 127.5.
 *
 *   W[o i] = q[o i] s[o g],   g = i / group;   packed as q + 2^(b-1) (quant/words.ts)
 *
 * throws   FormatError E_Q_SCALE
 * source   compressed-tensors 0.20: PackedQuantizationCompressor, NaiveQuantizationCompressor
 */
export function eachCompressed(
  source: WeightSource,
  of: Compressed,
  first: number,
  rows: number,
  use: (row: GroupedRow, done: number) => void,
): void {
  const groups = of.scales.shape[1]!;
  const scales = readScales(source, of.scales, first * groups, rows * groups);
  const zeros = new Int16Array(scales.length);
  const group = inOrder(of.inputs, of.group);
  const four = new Int16Array(of.bits === 4 ? of.inputs : 0);
  const rowBytes = of.shape === undefined ? of.inputs : 4 * of.weight.shape[1]!;
  const eight = new Int32Array(Math.ceil(rowBytes / 4));
  eachRow(source, of.weight, rowBytes, first, rows, (bytes, done) => {
    let q: GroupedRow["q"] = four;
    if (of.shape === undefined) q = new Int8Array(bytes.buffer, bytes.byteOffset, of.inputs);
    else if (of.bits === 8) q = signed(words(bytes), eight).subarray(0, of.inputs);
    else unpackWords(words(bytes), 0, 4, four, of.inputs, 8);
    use({ q, group, scales, zeros, at: done * groups }, done);
  });
}

/** Bytes that are 128 too large, four in a word, as integers with a sign; `into` is used again. */
function signed(packed: Int32Array, into: Int32Array): Int8Array {
  for (let i = 0; i < packed.length; i++) into[i] = packed[i]! ^ 0x80808080;
  return new Int8Array(into.buffer);
}

/** The form in which its rows are lent, if its groups allow one. */
export function rowBlocks({ bits, inputs, group = inputs, scales }: Compressed): GroupBlocks | undefined {
  if (!isWhole(inputs, group)) return undefined;
  return { bits, group, scale: scales.format as GroupBlocks["scale"], zeros: false, divided: false, order: undefined };
}

/** Throws FormatError E_Q_SHAPE where weight_shape says another shape. */
export function checkStoredShape(source: WeightSource, { shape, outputs, inputs }: Compressed): void {
  if (shape === undefined) return;
  const said = source.window(shape, 0, shape.bytes, (bytes) => new BigInt64Array(new Uint8Array(bytes).buffer));
  if (said[0] === BigInt(outputs) && said[1] === BigInt(inputs)) return;
  throw damaged("E_Q_SHAPE", shape, `${outputs} and ${inputs}`, `${said[0]} and ${said[1]}`);
}

/** Shows `use` the bytes of each row, at most 1 MiB (or a row) read at a time. */
function eachRow(
  source: WeightSource,
  info: TensorInfo,
  rowBytes: number,
  first: number,
  rows: number,
  use: (bytes: Uint8Array, done: number) => void,
): void {
  const step = Math.max(1, Math.floor(WINDOW_BYTES / rowBytes));
  for (let done = 0; done < rows; done += step) {
    const count = Math.min(step, rows - done);
    source.window(info, (first + done) * rowBytes, count * rowBytes, (bytes) => {
      for (let r = 0; r < count; r++) use(bytes.subarray(r * rowBytes, (r + 1) * rowBytes), done + r);
    });
  }
}
