/** Writing GGUF files for tests: whole ones, and ones with a chosen lie in them. */
import { GGML_TYPES } from "../../src/files/ggml-types.ts";
import { type Bytes, SCALARS } from "../../src/files/gguf-cursor.ts";

export type MetadataType = (typeof SCALARS)[number];

export interface Pair {
  readonly key: string | Uint8Array;
  /** A number stands for itself, known or not. */
  readonly type: MetadataType | number;
  readonly element?: MetadataType | number;
  /** Bytes stand for themselves. */
  readonly value: number | bigint | string | boolean | Uint8Array | readonly (number | bigint | string | boolean)[];
  /** An array's length, where it is to differ from the truth. */
  readonly length?: bigint;
}

export interface GgufTensor {
  readonly name: string | Uint8Array;
  /** Innermost first, as the file has them. */
  readonly ne: readonly (number | bigint)[];
  readonly type: number | string;
  readonly data: Uint8Array;
  readonly offset?: bigint;
}

export interface GgufParts {
  readonly magic?: string;
  readonly version?: number;
  readonly tensorCount?: bigint;
  readonly pairCount?: bigint;
  readonly pairs?: readonly Pair[];
  readonly tensors?: readonly GgufTensor[];
  readonly alignment?: number;
}

export function gguf(parts: GgufParts): Uint8Array {
  const { pairs = [], tensors = [], alignment = 32 } = parts;
  const out: Uint8Array[] = [Buffer.from(parts.magic ?? "GGUF"), u32(parts.version ?? 3)];
  out.push(u64(parts.tensorCount ?? BigInt(tensors.length)), u64(parts.pairCount ?? BigInt(pairs.length)));
  for (const pair of pairs) out.push(pairBytes(pair));
  let offset = 0;
  for (const tensor of tensors) {
    out.push(string(tensor.name), u32(tensor.ne.length), ...tensor.ne.map((n) => u64(BigInt(n))));
    out.push(u32(typeId(tensor.type)), u64(tensor.offset ?? BigInt(offset)));
    offset = pad(offset + tensor.data.length, alignment);
  }
  const header = Buffer.concat(out);
  const data = tensors.map(({ data }) => Buffer.concat([data], pad(data.length, alignment)));
  const last = tensors.at(-1);
  if (last !== undefined) data[data.length - 1] = Buffer.from(last.data);
  return Buffer.concat([Buffer.concat([header], pad(header.length, alignment)), ...data]);
}

/** A file in memory. */
export function inMemory(bytes: Uint8Array, path = "model.gguf"): Bytes {
  return { path, bytes: bytes.length, read: (at, length) => bytes.subarray(at, at + length) };
}

function pairBytes({ key, type, element, value, length }: Pair): Uint8Array {
  const head = [string(key), u32(scalarId(type))];
  if (element === undefined) return Buffer.concat([...head, scalar(type, value)]);
  const values = value instanceof Uint8Array ? value : array(element, value as readonly (number | string)[]);
  const count = value instanceof Uint8Array ? 1 : (value as readonly unknown[]).length;
  return Buffer.concat([...head, u32(scalarId(element)), u64(length ?? BigInt(count)), values]);
}

/** The elements one after another. A vocabulary's 152,064 strings and kinds are written at once: tests do so often. */
function array(element: MetadataType | number, values: readonly (number | string)[]): Uint8Array {
  if (element === "int32") return new Uint8Array(Int32Array.from(values as readonly number[]).buffer);
  if (element !== "string") return Buffer.concat(values.map((one) => scalar(element, one)));
  const lengths = (values as readonly string[]).map((text) => Buffer.byteLength(text));
  const out = Buffer.alloc(lengths.reduce((sum, length) => sum + 8 + length, 0));
  let at = 0;
  for (const [i, text] of (values as readonly string[]).entries()) {
    out.writeUInt32LE(lengths[i]!, at); // the upper half of a string's length is zero
    at += 8 + out.write(text, at + 8);
  }
  return out;
}

function scalar(type: MetadataType | number, value: Pair["value"]): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const view = new DataView(new ArrayBuffer(8));
  const bytes = (length: number) => new Uint8Array(view.buffer, 0, length);
  switch (type) {
    case "string":
      return string(value as string);
    case "uint8":
    case "int8":
    case "bool":
      view.setUint8(0, Number(value));
      return bytes(1);
    case "uint16":
    case "int16":
      view.setUint16(0, Number(value), true);
      return bytes(2);
    case "float32":
      view.setFloat32(0, Number(value), true);
      return bytes(4);
    case "float64":
      view.setFloat64(0, Number(value), true);
      return bytes(8);
    case "uint64":
    case "int64":
      view.setBigUint64(0, BigInt.asUintN(64, BigInt(value as number)), true);
      return bytes(8);
    default:
      view.setUint32(0, Number(value), true);
      return bytes(4);
  }
}

function scalarId(type: MetadataType | number): number {
  return typeof type === "number" ? type : SCALARS.indexOf(type);
}

function typeId(type: number | string): number {
  return typeof type === "number" ? type : [...GGML_TYPES].find(([, { name }]) => name === type)![0];
}

export function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function u64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
}

export function string(text: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(text);
  return Buffer.concat([u64(BigInt(bytes.length)), bytes]);
}

function pad(bytes: number, alignment: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
