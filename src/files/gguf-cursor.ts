/**
 * Reading the header of a GGUF file from front to back, without knowing where it ends and without believing any length
 * in it: every read is checked against the bytes that are left before anything is allocated.
 */
import { isUtf8 } from "node:buffer";
import { FormatError, LimitError } from "../errors.ts";
import { quote } from "../json/quote.ts";

/** The bytes of a file, wherever they are. */
export interface Bytes {
  readonly path: string;
  /** Its length. */
  readonly bytes: number;
  /** Bytes [at, at + length), which lie within the file. */
  read(at: number, length: number): Uint8Array;
}

/** QwQ-32B's header takes 6 MB; nothing sensible takes twenty times that. */
const HEADER_LIMIT = 128 * 2 ** 20;
const STRING_LIMIT = 16 * 2 ** 20;
/** Read ahead, so that three hundred thousand small strings are a few reads. */
const AHEAD = 2 ** 20;

/** The kinds of value a GGUF header has, by their number there. */
export const SCALARS = [
  "uint8",
  "int8",
  "uint16",
  "int16",
  "uint32",
  "int32",
  "float32",
  "bool",
  "string",
  "array",
  "uint64",
  "int64",
  "float64",
] as const;
export type ScalarType = Exclude<(typeof SCALARS)[number], "array">;

/** 64-bit integers are bigints where a float64 would not hold them. */
export type Scalar = number | bigint | boolean | string;

/** The fewest bytes a value of that kind takes: a string's are its length. */
export const SCALAR_BYTES: Readonly<Record<ScalarType, number>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  bool: 1,
  string: 8,
  uint64: 8,
  int64: 8,
  float64: 8,
};

export class Cursor {
  readonly path: string;
  private readonly file: Bytes;
  private buffer: Buffer = Buffer.alloc(0);
  private view: DataView = new DataView(new ArrayBuffer(0));
  /** Where in the file the buffer begins, and the next byte within the buffer. */
  private start = 0;
  private next = 0;

  constructor(file: Bytes) {
    this.file = file;
    this.path = file.path;
  }

  /** The next byte's place in the file. */
  get at(): number {
    return this.start + this.next;
  }

  get left(): number {
    return this.file.bytes - this.at;
  }

  uint32(): number {
    const at = this.take(4);
    return this.view.getUint32(at, true);
  }

  /** A 64-bit count or length, which must be one that this file could have. */
  length(what: string, code: string, limit: number): number {
    const value = this.uint64();
    if (value <= BigInt(limit)) return Number(value);
    throw this.bad(code, `at most ${limit} ${what}`, `${value}`, this.at - 8);
  }

  /** A size or an offset, which the caller judges. */
  uint64(): bigint {
    const at = this.take(8);
    return this.view.getBigUint64(at, true);
  }

  string(what: string, code = "E_GGUF_LENGTH"): string {
    const at = this.at;
    const length = this.length(`bytes of ${what}`, code, Math.min(STRING_LIMIT, Math.max(0, this.left - 8)));
    const from = this.take(length);
    const text = this.buffer.toString("utf8", from, from + length);
    // Invalid bytes become U+FFFD, which is therefore the only sign of them; a text may also hold one honestly.
    if (text.includes("\ufffd") && !isUtf8(this.buffer.subarray(from, from + length))) {
      throw this.bad(code === "E_GGUF_LENGTH" ? "E_GGUF_UTF8" : code, `${what} in UTF-8`, quote(text), at);
    }
    return text;
  }

  scalar(type: ScalarType, what: string): Scalar {
    if (type === "string") return this.string(what);
    const at = this.take(SCALAR_BYTES[type]);
    const { view } = this;
    switch (type) {
      case "uint8":
        return view.getUint8(at);
      case "int8":
        return view.getInt8(at);
      case "uint16":
        return view.getUint16(at, true);
      case "int16":
        return view.getInt16(at, true);
      case "uint32":
        return view.getUint32(at, true);
      case "int32":
        return view.getInt32(at, true);
      case "float32":
        return view.getFloat32(at, true);
      case "float64":
        return view.getFloat64(at, true);
      case "uint64":
        return narrow(view.getBigUint64(at, true));
      case "int64":
        return narrow(view.getBigInt64(at, true));
      case "bool":
        return this.bool(view.getUint8(at), what);
    }
  }

  bad(code: string, expected: string, actual: string, at = this.at): FormatError {
    const hint = "The file is damaged or incomplete; get it again.";
    return new FormatError(code, this.path, { path: this.path, offset: at, expected, actual, hint });
  }

  private bool(byte: number, what: string): boolean {
    if (byte > 1) throw this.bad("E_GGUF_TYPE", `${what} to be 0 or 1`, `${byte}`, this.at - 1);
    return byte === 1;
  }

  /** Moves past `length` bytes, which are in the buffer (maybe a new one) afterwards; returns where they begin there. */
  private take(length: number): number {
    if (this.next + length > this.buffer.length) this.fill(length);
    const from = this.next;
    this.next += length;
    return from;
  }

  private fill(length: number): void {
    if (length > this.left) {
      throw this.bad("E_GGUF_TRUNCATED", `${length} more bytes of header`, `${this.left} to the end of the file`);
    }
    if (this.at + length > HEADER_LIMIT) {
      const expected = `a header of at most ${HEADER_LIMIT} bytes`;
      const details = { path: this.path, expected, actual: "a longer one", hint: "Is this a language model?" };
      throw new LimitError("E_LIMIT_HEADER", this.path, details);
    }
    this.start = this.at;
    this.next = 0;
    const bytes = this.file.read(this.start, Math.min(this.left, Math.max(length, AHEAD)));
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
