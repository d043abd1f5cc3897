/**
 * NumPy's array files.
 *
 *   "\x93NUMPY" | u8 major, minor | u16 (version 1) or u32 length | a Python dict, padded to 64 bytes | data
 *
 * source   numpy/lib/format.py
 */
import { FormatError, LimitError } from "../../errors.ts";
import { FORMATS } from "../../quant/index.ts";

const MOST_VALUES = 2 ** 30;
const HINT = "Write it with numpy.save or numpy.savez.";

export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Bytes of a value and how it is read, by NumPy's code; bfloat16 is written as "V2" by ml_dtypes, as "u2" by hand. */
const CODES: ReadonlyMap<string, readonly [bytes: number, read: (view: DataView, at: number) => number]> = new Map([
  ["f4", [4, (view, at) => view.getFloat32(at, true)]],
  ["f8", [8, (view, at) => view.getFloat64(at, true)]],
  ["i4", [4, (view, at) => view.getInt32(at, true)]],
  ["i8", [8, (view, at) => Number(view.getBigInt64(at, true))]],
  ["u4", [4, (view, at) => view.getUint32(at, true)]],
  ["u1", [1, (view, at) => view.getUint8(at)]],
]);

/** Formats that are widened by the package's own codecs. */
const HALVES: ReadonlyMap<string, string> = new Map([
  ["f2", "F16"],
  ["V2", "BF16"],
]);

/**
 * Reads an array of little-endian numbers, which become float32.
 *
 * throws   FormatError E_NPY_MAGIC, E_NPY_HEADER (also big-endian or another type), E_NPY_LENGTH; LimitError E_LIMIT_NPY
 */
export function readNpy(bytes: Uint8Array, path: string): NpyArray {
  const { descr, fortran, shape, start } = header(bytes, path);
  const code = descr.replace(/^[<|=]/, "");
  const count = shape.reduce((product, n) => product * n, 1);
  if (count > MOST_VALUES) {
    throw new LimitError("E_LIMIT_NPY", path, { path, expected: `at most ${MOST_VALUES} values`, actual: `${count}` });
  }
  const half = HALVES.get(code);
  const [size, read] = half === undefined ? (CODES.get(code) ?? [0, undefined]) : [2, undefined];
  if (size === 0) throw bad("E_NPY_HEADER", path, "float16, bfloat16, float32, float64 or integers", `"${descr}"`);
  if (bytes.length - start !== count * size) {
    throw bad("E_NPY_LENGTH", path, `${count * size} bytes of values`, `${bytes.length - start}`);
  }
  const data = new Float32Array(count);
  if (half !== undefined) FORMATS.get(half)!.widen(bytes.subarray(start), 0, count, data, 0);
  else {
    const view = new DataView(bytes.buffer, bytes.byteOffset + start, count * size);
    for (let i = 0; i < count; i++) data[i] = read!(view, i * size);
  }
  return { shape, data: fortran ? fromFortran(shape, data) : data };
}

function header(bytes: Uint8Array, path: string) {
  const magic =
    bytes.length >= 10 && bytes[0] === 0x93 && Buffer.from(bytes.subarray(1, 6)).toString("latin1") === "NUMPY";
  if (!magic) throw bad("E_NPY_MAGIC", path, "an array that numpy.save wrote", `a file of ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const long = bytes[6]! >= 2 && bytes.length >= 12;
  const length = long ? view.getUint32(8, true) : view.getUint16(8, true);
  const from = long ? 12 : 10;
  if (length > 2 ** 16 || from + length > bytes.length)
    throw bad("E_NPY_HEADER", path, "a whole header", "a file that ends in it");
  const text = Buffer.from(bytes.subarray(from, from + length)).toString("latin1");
  const [, descr] = /'descr':\s*'([^']+)'/.exec(text) ?? [];
  const [, order] = /'fortran_order':\s*(True|False)/.exec(text) ?? [];
  const [, axes] = /'shape':\s*\(([\d,\s]*)\)/.exec(text) ?? [];
  if (descr === undefined || order === undefined || axes === undefined) {
    throw bad("E_NPY_HEADER", path, "'descr', 'fortran_order' and 'shape'", JSON.stringify(text.slice(0, 60)));
  }
  if (descr.startsWith(">")) throw bad("E_NPY_HEADER", path, "little-endian numbers", `"${descr}"`);
  const shape = axes
    .split(",")
    .map((axis) => axis.trim())
    .filter((axis) => axis !== "")
    .map(Number);
  return { descr, fortran: order === "True", shape, start: from + length };
}

/** First axis innermost, to last axis innermost. */
function fromFortran(shape: readonly number[], data: Float32Array): Float32Array {
  const out = new Float32Array(data.length);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, n) => product * n, 1));
  const index = shape.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    out[i] = data[index.reduce((at, n, axis) => at + n * strides[axis]!, 0)]!;
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return out;
}

function bad(code: string, path: string, expected: string, actual: string): FormatError {
  return new FormatError(code, path, { path, expected, actual, hint: HINT });
}
