/**
 * Writing GGUF files, version 3: everything before the data, so that the data can follow in any order.
 *
 * layout   as gguf.ts reads it; tensors 32 bytes apart, no general.alignment
 * source   ggml: docs/gguf.md; gguf-py: GGUFWriter
 */
import { FormatError } from "../errors.ts";
import { quote } from "../json/quote.ts";
import { type GgmlType, GGML_TYPES } from "./ggml-types.ts";
import type { GgufMetadata, GgufValue } from "./gguf.ts";
import { type Scalar, SCALAR_BYTES, SCALARS, type ScalarType } from "./gguf-cursor.ts";

/** A tensor to be written. */
export interface GgufTensor {
  readonly name: string;
  /** Sizes, outermost first. */
  readonly shape: readonly number[];
  /** "Q8_0", "F32". */
  readonly format: string;
}

/** Where it goes. */
export interface GgufPlace {
  /** Of its data, from the beginning of the file. */
  readonly at: number;
  readonly bytes: number;
}

export interface GgufLayout {
  /** Everything before the first tensor's data. */
  readonly head: Uint8Array;
  /** Of each tensor, in their order. Between them lie zeros. */
  readonly places: readonly GgufPlace[];
  readonly fileBytes: number;
}

const ALIGNMENT = 32;
const padded = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/**
 * Lays a file out.
 *
 * throws   FormatError E_GGUF_NAME for a name of more than 63 bytes; E_GGUF_SHAPE for rows that are no whole number of blocks
 */
export function layOutGguf(path: string, metadata: GgufMetadata, tensors: readonly GgufTensor[]): GgufLayout {
  const parts: Uint8Array[] = [Buffer.from("GGUF"), u32(3), u64(tensors.length), u64(metadata.size)];
  for (const [key, value] of metadata) {
    parts.push(text(key));
    // One by one: a vocabulary has more texts than a call may have arguments.
    for (const part of valueParts(value)) parts.push(part);
  }
  const relative: GgufPlace[] = [];
  let end = 0;
  for (const tensor of tensors) {
    const [id, type] = typeOf(tensor.format);
    const bytes = bytesOf(path, tensor, type);
    relative.push({ at: end, bytes });
    parts.push(text(tensor.name), u32(tensor.shape.length), ...tensor.shape.toReversed().map(u64), u32(id), u64(end));
    end += padded(bytes);
  }
  const header = Buffer.concat(parts);
  const start = padded(header.length);
  const head = Buffer.concat([header, Buffer.alloc(start - header.length)]);
  const places = relative.map(({ at, bytes }) => ({ at: start + at, bytes }));
  return { head, places, fileBytes: start + end };
}

function typeOf(format: string): readonly [number, GgmlType] {
  return [...GGML_TYPES].find(([, { name }]) => name === format)!;
}

function bytesOf(path: string, { name, shape }: GgufTensor, type: GgmlType): number {
  const length = Buffer.byteLength(name);
  if (length > 63) throw bad("E_GGUF_NAME", path, "a name of at most 63 bytes", `${length} (${quote(name)})`);
  const size = shape.reduce((product, n) => product * n, 1);
  if (size > 0 && (shape.at(-1) ?? 1) % type.block === 0) return (size / type.block) * type.bytes;
  throw bad("E_GGUF_SHAPE", path, `rows of whole blocks of ${type.block} in ${quote(name)}`, `[${shape.join(" ")}]`);
}

function valueParts(entry: GgufValue): Uint8Array[] {
  if (entry.type !== "array") return [u32(SCALARS.indexOf(entry.type)), scalar(entry.type, entry.value)];
  const head = [u32(SCALARS.indexOf("array")), u32(SCALARS.indexOf(entry.element)), u64(entry.value.length)];
  return [...head, ...entry.value.map((value) => scalar(entry.element, value))];
}

/** A value, little-endian. Those of 64 bits may be bigints. */
function scalar(type: ScalarType, value: Scalar): Uint8Array {
  if (type === "string") return text(String(value));
  const bytes = new Uint8Array(SCALAR_BYTES[type]);
  WRITE[type](new DataView(bytes.buffer), value);
  return bytes;
}

type Write = (view: DataView, value: Scalar) => void;

const wide: Write = (view, value) => view.setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
const short: Write = (view, value) => view.setInt16(0, Number(value), true);
const plain: Write = (view, value) => view.setInt32(0, Number(value), true);
const byte: Write = (view, value) => view.setInt8(0, Number(value));

const WRITE: Readonly<Record<Exclude<ScalarType, "string">, Write>> = {
  uint8: byte,
  int8: byte,
  bool: byte,
  uint16: short,
  int16: short,
  uint32: plain,
  int32: plain,
  uint64: wide,
  int64: wide,
  float32: (view, value) => view.setFloat32(0, Number(value), true),
  float64: (view, value) => view.setFloat64(0, Number(value), true),
};

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** A length, and UTF-8. */
function text(value: string): Uint8Array {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function bad(code: string, path: string, expected: string, actual: string): FormatError {
  return new FormatError(code, path, { path, expected, actual });
}
