/**
 * Number formats in which a cache keeps rows of keys or values.
 */
import type { CacheFormat } from "../ops.ts";

/** Rows kept in some format, the first `append`ed first. */
export interface Kept {
  /** Stores rows from row `first` on, in place of whatever stood there. */
  put(first: number, rows: Float32Array): void;
  /** The first `rows` rows as float32, valid until the next call of it in any store with the same `Widened`. */
  read(rows: number): Float32Array;
}

/** An empty store of rows of `width` values in heads of D, that grows up to `capacity` rows. */
export function kept(format: CacheFormat, width: number, D: number, capacity: number, widened: Widened): Kept {
  if (format === "bf16") return new KeptBfloat16(width, capacity, widened);
  return format === "int8" ? new KeptInt8(width, D, capacity, widened) : new KeptFloat32(width, capacity);
}

/** Where stores that follow each other, layer by layer, widen their rows: one place for all of them. */
export class Widened {
  private data = new Float32Array(0);

  /** Room for `rows` rows, with whatever stood there. */
  take(rows: number, width: number, capacity: number): Float32Array {
    this.data = withRoom(this.data, (length) => new Float32Array(length), rows, width, capacity);
    return this.data.subarray(0, rows * width);
  }
}

/** `data` with room for `end` rows, its values kept: twice as many as before, at least 64, at most the capacity. */
function withRoom<A extends Float32Array | Uint16Array | Int8Array>(
  data: A,
  make: (length: number) => A,
  end: number,
  width: number,
  capacity: number,
): A {
  const before = data.length / width;
  if (end <= before) return data;
  const next = make(Math.min(Math.max(end, 2 * before, 64), capacity) * width);
  next.set(data);
  return next;
}

/** The values themselves. */
class KeptFloat32 implements Kept {
  private data = new Float32Array(0);
  private readonly width: number;
  private readonly capacity: number;

  constructor(width: number, capacity: number) {
    this.width = width;
    this.capacity = capacity;
  }

  put(first: number, rows: Float32Array): void {
    const { width, capacity } = this;
    const end = first + rows.length / width;
    this.data = withRoom(this.data, (length) => new Float32Array(length), end, width, capacity);
    this.data.set(rows, first * this.width);
  }

  read(rows: number): Float32Array {
    return this.data.subarray(0, rows * this.width);
  }
}

/**
 * bfloat16: the upper half of a float32, rounded to nearest, ties to even.
 *
 *   |x - kept(x)| <= 2^-8 |x|
 *
 * source   as a cache of Hugging Face in bfloat16 keeps keys and values; torch.Tensor.bfloat16
 */
class KeptBfloat16 implements Kept {
  private data = new Uint16Array(0);
  private readonly width: number;
  private readonly capacity: number;
  private readonly widened: Widened;

  constructor(width: number, capacity: number, widened: Widened) {
    this.width = width;
    this.capacity = capacity;
    this.widened = widened;
  }

  put(first: number, rows: Float32Array): void {
    const { width, capacity } = this;
    const end = first + rows.length / width;
    this.data = withRoom(this.data, (length) => new Uint16Array(length), end, width, capacity);
    toBfloat16(rows, this.data.subarray(first * width));
  }

  read(rows: number): Float32Array {
    const { data } = this;
    const x = this.widened.take(rows, this.width, this.capacity);
    ofBfloat16(data, x);
    return x;
  }
}

/**
 * Bytes, with one float32 scale for each token and head.
 *
 *   s = max |x| / 127,  q = round(x / s), ties to even,  kept(x) = q s;   |x - kept(x)| <= s / 2
 *
 * Division and rounding move x by at most half a step; q s is rounded once to float32.
 *
 * source   symmetric absmax quantisation, Dettmers et al. 2022 (arXiv 2208.07339) 2.1, here a head in place of a row
 */
class KeptInt8 implements Kept {
  private data = new Int8Array(0);
  private scales = new Float32Array(0);
  private readonly width: number;
  private readonly D: number;
  private readonly capacity: number;
  private readonly widened: Widened;

  constructor(width: number, D: number, capacity: number, widened: Widened) {
    this.width = width;
    this.D = D;
    this.capacity = capacity;
    this.widened = widened;
  }

  put(first: number, rows: Float32Array): void {
    const { width, D, capacity } = this;
    const end = first + rows.length / width;
    this.data = withRoom(this.data, (length) => new Int8Array(length), end, width, capacity);
    this.scales = withRoom(this.scales, (length) => new Float32Array(length), end, width / D, capacity);
    toBytes(rows, D, this.data.subarray(first * width), this.scales.subarray((first * width) / D));
  }

  read(rows: number): Float32Array {
    const { data, scales, D } = this;
    const x = this.widened.take(rows, this.width, this.capacity);
    ofBytes(data, scales, D, x);
    return x;
  }
}

/** Rounds all of x to bfloat16 (see KeptBfloat16). */
export function toBfloat16(x: Float32Array, into: Uint16Array): void {
  const bits = new Uint32Array(x.buffer, x.byteOffset, x.length);
  for (let i = 0; i < bits.length; i++) {
    const u = bits[i]!;
    into[i] = (u + 0x7fff + ((u >>> 16) & 1)) >>> 16;
  }
}

/** Fills x with the float32 of bfloat16 values. */
export function ofBfloat16(kept: Uint16Array, x: Float32Array): void {
  const bits = new Int32Array(x.buffer, x.byteOffset, x.length);
  for (let i = 0; i < bits.length; i++) bits[i] = kept[i]! << 16;
}

/** Rounds all of x to bytes, with a scale for each D of them (see KeptInt8). */
export function toBytes(x: Float32Array, D: number, into: Int8Array, scales: Float32Array): void {
  for (let head = 0; head < x.length / D; head++) {
    const from = head * D;
    let largest = 0;
    for (let d = 0; d < D; d++) largest = Math.max(largest, Math.abs(x[from + d]!));
    const scale = Math.fround(largest / 127);
    scales[head] = scale;
    for (let d = 0; d < D; d++) into[from + d] = scale === 0 ? 0 : roundEven(x[from + d]! / scale);
  }
}

/** Fills x with the products of bytes and scales. */
export function ofBytes(kept: Int8Array, scales: Float32Array, D: number, x: Float32Array): void {
  for (let head = 0; head < x.length / D; head++) {
    const scale = scales[head]!;
    for (let i = head * D; i < (head + 1) * D; i++) x[i] = kept[i]! * scale;
  }
}

/** The nearest whole number, the even one of two, within a byte: a scale rounded down may make 127.00001 of the largest. */
function roundEven(x: number): number {
  const down = Math.floor(x);
  const above = x - down;
  const nearest = above > 0.5 || (above === 0.5 && down % 2 !== 0) ? down + 1 : down;
  return Math.min(127, Math.max(-127, nearest));
}
