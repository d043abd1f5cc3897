/**
 * Reading the tensors beside a packed matrix's integers: scales, zero points, the group of each input.
 */
import { FormatError } from "../errors.ts";
import { quote } from "../json/quote.ts";
import { FORMATS } from "../quant/index.ts";
import type { TensorInfo, WeightSource } from "./source.ts";

/** Little-endian 32-bit words. A view where the bytes begin at a multiple of four, else a copy. */
export function words(bytes: Uint8Array): Int32Array {
  const { buffer, byteOffset, length } = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Int32Array(buffer, byteOffset, length / 4);
}

/**
 * `count` scales from the first-th on, as float32.
 *
 * throws   FormatError E_Q_SCALE for a scale that no quantiser writes: NaN, an infinity, below 2^-126, or 0, save where
 *          `zero` says that 0 stands for a row of zeros. Subnormal halves (below 2^-14) are ordinary: AWQ's least is 1e-5.
 */
export function readScales(
  source: WeightSource,
  info: TensorInfo,
  first: number,
  count: number,
  zero = false,
): Float32Array {
  const format = FORMATS.get(info.format)!;
  const scales = new Float32Array(count);
  source.window(info, first * format.bytes, count * format.bytes, (bytes) => format.widen(bytes, 0, count, scales, 0));
  const at = scales.findIndex((s) => !((s >= 2 ** -126 && s < Infinity) || (zero && s === 0)));
  if (at < 0) return scales;
  throw damaged("E_Q_SCALE", info, "scales above 2^-126, finite", `${scales[at]} at ${first + at}`);
}

/** The group of each of `inputs`: `group` of them share one, in order. */
export function inOrder(inputs: number, group: number | undefined): Int32Array {
  return Int32Array.from({ length: inputs }, (_, i) => (group === undefined ? 0 : Math.floor(i / group)));
}

/** GPTQ's g_idx. Throws FormatError E_Q_RANGE for a group that there is no scale for. */
export function readGroups(source: WeightSource, info: TensorInfo, groups: number): Int32Array {
  const index = source.window(info, 0, info.bytes, (bytes) => words(bytes).slice());
  const at = index.findIndex((g) => g < 0 || g >= groups);
  if (at < 0) return index;
  throw damaged("E_Q_RANGE", info, `groups from 0 to ${groups - 1}`, `${index[at]} at ${at}`);
}

/** A value in a packed tensor that cannot be. */
export function damaged(code: string, info: TensorInfo, expected: string, actual: string): FormatError {
  return new FormatError(code, info.path, {
    path: info.path,
    tensor: quote(info.name),
    expected,
    actual,
    hint: "The file is damaged, or its writer is at fault; get it again.",
  });
}
