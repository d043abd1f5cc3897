/**
 * The header of a GGUF file, versions 2 and 3: typed metadata, and where each tensor lies.
 *
 *   "GGUF" | u32 version | u64 tensors | u64 pairs | pairs: key, u32 type, value | tensors: name, u32 n, u64 ne[n],
 *   u32 type, u64 offset | padding to general.alignment | data, each tensor padded likewise
 *
 * Strings are a u64 length and UTF-8; an array is u32 type, u64 length, values. ggml writes sizes innermost first: they
 * are turned round here, so that a matrix is [rows columns] as everywhere else.
 *
 * source   ggml: docs/gguf.md, gguf_init_from_file
 */
import { type GgmlType, GGML_TYPES, NO_FILE_HAS } from "./ggml-types.ts";
import { type Bytes, Cursor, type Scalar, SCALAR_BYTES, SCALARS, type ScalarType } from "./gguf-cursor.ts";
import { quote } from "../json/quote.ts";
import type { TensorInfo } from "./source.ts";

/** A value of the metadata, with the type the file gives it. */
export type GgufValue =
  | { readonly type: ScalarType; readonly value: Scalar }
  | { readonly type: "array"; readonly element: ScalarType; readonly value: readonly Scalar[] };

/** Metadata by key, in the order of the file. */
export type GgufMetadata = ReadonlyMap<string, GgufValue>;

/** A GGUF header. */
export interface Gguf {
  readonly path: string;
  readonly version: number;
  readonly metadata: GgufMetadata;
  /** In the order of the file. */
  readonly tensors: readonly TensorInfo[];
}

const PAIR_LIMIT = 65_536;
const TENSOR_LIMIT = 100_000;
const ARRAY_LIMIT = 2 ** 22;
/** The fewest bytes that a pair and a tensor can take: key of one byte, type, value; name, sizes, type, offset. */
const PAIR_BYTES = 8 + 1 + 4 + 1;
const TENSOR_BYTES = 8 + 1 + 4 + 4 + 8;

/**
 * Reads and checks everything that can be known without the weights themselves.
 *
 * cost     one pass over the header; no length is believed before the bytes left allow it
 * throws   FormatError E_GGUF_MAGIC, _VERSION, _ENDIAN, _COUNT, _LENGTH, _TRUNCATED, _UTF8, _KEY, _TYPE, _ALIGN, _NAME,
 *          _SHAPE, _DTYPE, _OFFSET, _TRAILING; LimitError E_LIMIT_HEADER
 */
export function readGguf(file: Bytes): Gguf {
  const cursor = new Cursor(file);
  const version = readVersion(cursor, file.bytes);
  const left = Math.max(0, cursor.left - 16);
  const count = cursor.length("tensors", "E_GGUF_COUNT", Math.min(TENSOR_LIMIT, Math.floor(left / TENSOR_BYTES)));
  const pairs = cursor.length("metadata pairs", "E_GGUF_COUNT", Math.min(PAIR_LIMIT, Math.floor(left / PAIR_BYTES)));
  const metadata = readMetadata(cursor, pairs);
  const entries = readEntries(cursor, count);
  return { path: file.path, version, metadata, tensors: place(entries, alignment(metadata, cursor), cursor) };
}

function readVersion(cursor: Cursor, size: number): number {
  const magic = size < 24 ? undefined : cursor.uint32();
  if (magic !== 0x46554747) {
    const actual = magic === undefined ? `a file of ${size} bytes` : `0x${magic.toString(16).padStart(8, "0")}`;
    throw cursor.bad("E_GGUF_MAGIC", 'a GGUF file, which begins with "GGUF"', actual, 0);
  }
  const version = cursor.uint32();
  if (version !== 0 && (version & 0xffff) === 0) {
    throw cursor.bad("E_GGUF_ENDIAN", "little-endian numbers", `version 0x${version.toString(16)}, byte-swapped`, 4);
  }
  if (version !== 2 && version !== 3) throw cursor.bad("E_GGUF_VERSION", "GGUF version 2 or 3", `${version}`, 4);
  return version;
}

function readMetadata(cursor: Cursor, pairs: number): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < pairs; i++) {
    const at = cursor.at;
    const key = cursor.string("a key", "E_GGUF_KEY");
    if (key === "") throw cursor.bad("E_GGUF_KEY", "keys with at least one character", "an empty one", at);
    if (metadata.has(key)) throw cursor.bad("E_GGUF_KEY", "each key once", `${quote(key)} again`, at);
    metadata.set(key, readValue(cursor, key));
  }
  return metadata;
}

function readValue(cursor: Cursor, key: string): GgufValue {
  const name = quote(key);
  const type = readType(cursor, name);
  if (type !== "array") return { type, value: cursor.scalar(type, name) };
  const element = readType(cursor, name);
  if (element === "array") throw cursor.bad("E_GGUF_TYPE", `${name} to hold plain values`, "arrays");
  const room = Math.floor(Math.max(0, cursor.left - 8) / SCALAR_BYTES[element]);
  const length = cursor.length(`elements of ${name}`, "E_GGUF_LENGTH", Math.min(ARRAY_LIMIT, room));
  const value: Scalar[] = [];
  for (let i = 0; i < length; i++) value.push(cursor.scalar(element, name));
  return { type, element, value };
}

function readType(cursor: Cursor, name: string): (typeof SCALARS)[number] {
  const at = cursor.at;
  const id = cursor.uint32();
  const type = SCALARS[id];
  if (type === undefined) throw cursor.bad("E_GGUF_TYPE", `a known type of ${name}`, `${id}`, at);
  return type;
}

function alignment(metadata: GgufMetadata, cursor: Cursor): number {
  const entry = metadata.get("general.alignment");
  if (entry === undefined) return 32;
  const { type, value } = entry;
  const whole = type === "uint32" && typeof value === "number" ? value : 0;
  if (whole > 0 && whole <= 2 ** 20 && (whole & (whole - 1)) === 0) return whole;
  throw cursor.bad("E_GGUF_ALIGN", '"general.alignment" to be a power of two up to 2^20', `${type} ${String(value)}`);
}

/** A tensor before its place in the file is known to be right. */
interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: GgmlType;
  readonly bytes: number;
  /** Relative to the start of the data, as the file says. */
  readonly offset: bigint;
  /** Where the header speaks of it. */
  readonly at: number;
}

function readEntries(cursor: Cursor, count: number): Entry[] {
  const names = new Set<string>();
  const entries: Entry[] = [];
  for (let i = 0; i < count; i++) {
    const entry = readEntry(cursor);
    if (names.has(entry.name))
      throw cursor.bad("E_GGUF_NAME", "each name once", `${quote(entry.name)} again`, entry.at);
    names.add(entry.name);
    entries.push(entry);
  }
  return entries;
}

function readEntry(cursor: Cursor): Entry {
  const at = cursor.at;
  const name = cursor.string("a tensor's name", "E_GGUF_NAME");
  const length = Buffer.byteLength(name);
  if (length === 0 || length > 63) throw cursor.bad("E_GGUF_NAME", "a name of 1 to 63 bytes", `${length}`, at);
  const dims = cursor.uint32();
  if (dims > 4) throw cursor.bad("E_GGUF_SHAPE", `${quote(name)} to have at most 4 dimensions`, `${dims}`, at);
  const ne = Array.from({ length: dims }, () => cursor.uint64());
  const id = cursor.uint32();
  const type = GGML_TYPES.get(id);
  if (type === undefined) {
    const known = NO_FILE_HAS.get(id);
    const actual = known === undefined ? `${id}` : `${id}, ${known}`;
    throw cursor.bad("E_GGUF_DTYPE", `a known number format of ${quote(name)}`, actual, at);
  }
  const size = ne.reduce((product, n) => product * n, 1n);
  const whole = size > 0n && (ne[0] ?? 1n) % BigInt(type.block) === 0n;
  const bytes = (size / BigInt(type.block)) * BigInt(type.bytes);
  if (!whole || bytes > BigInt(Number.MAX_SAFE_INTEGER)) {
    const expected = `${quote(name)} to have sizes from 1, rows of whole blocks of ${type.block}, and less than 2^53 bytes`;
    throw cursor.bad("E_GGUF_SHAPE", expected, `[${ne.toReversed().join(" ")}] of ${type.name}`, at);
  }
  return { name, shape: ne.map(Number).toReversed(), type, bytes: Number(bytes), offset: cursor.uint64(), at };
}

/** Lays the tensors out as the format demands, one after another; each must say that it lies where it then does. */
function place(entries: readonly Entry[], alignment: number, cursor: Cursor): TensorInfo[] {
  const padded = (bytes: number) => Math.ceil(bytes / alignment) * alignment;
  const start = padded(cursor.at);
  const size = cursor.at + cursor.left;
  let end = 0; // of the data so far, without the last tensor's padding
  const infos = entries.map(({ name, shape, type, bytes, offset, at }) => {
    const due = padded(end);
    if (offset !== BigInt(due))
      throw cursor.bad("E_GGUF_OFFSET", `${quote(name)} at ${due} of the data`, `${offset}`, at);
    end = due + bytes;
    return { name, format: type.name, shape, path: cursor.path, offset: start + due, bytes };
  });
  if (entries.length > 0 && size < start + end) {
    const share = Math.floor((100 * size) / (start + end));
    throw cursor.bad("E_GGUF_TRUNCATED", `a file of ${start + end} bytes`, `${size}, ${share} % of it`, size);
  }
  if (size > start + padded(end)) {
    throw cursor.bad("E_GGUF_TRAILING", `nothing after byte ${start + padded(end)}`, `${size} bytes`, size);
  }
  return infos;
}
