/** The rows of a tensor as their values pass: which are zeros, which one value, where one is not finite; see scanner.ts. */
import type { Format } from "../quant/format.ts";

/** Where a value that is not finite stands. */
export interface Place {
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

/** Whole numbers that stand for values: the bits of floats, or bytes of integers. */
type Words = Uint16Array | Uint32Array | Uint8Array;

/** Bits of a float without its sign, and those of infinity. */
interface Layout {
  readonly bytes: 2 | 4;
  readonly size: number;
  readonly infinity: number;
}

const LAYOUTS: Readonly<Record<string, Layout>> = {
  BF16: { bytes: 2, size: 0x7fff, infinity: 0x7f80 },
  F16: { bytes: 2, size: 0x7fff, infinity: 0x7c00 },
};
const F32: Layout = { bytes: 4, size: 0x7fffffff, infinity: 0x7f800000 };

export class Rows {
  rows = 0;
  zeroRows = 0;
  equalRows = 0;
  /** The first value that is not finite. */
  first: Place | undefined;
  private readonly columns: number;
  private readonly format: Format | undefined;
  private readonly layout: Layout;
  /** The bits of the largest finite value so far. */
  private largestBits = 0;
  private known = { bits: 0, value: 0 };
  /** Of the row that has begun: its values so far, the largest bits of them, its first value, whether all were that. */
  private column = 0;
  private most = 0;
  private head = 0;
  private equal = false;

  /** Of a matrix, rows of one value are counted as well. */
  private readonly matrix: boolean;

  /** Rows of a tensor of that shape; of floats in that format, or of what was widened to float32, or of integers. */
  constructor(shape: readonly number[], format: Format | undefined) {
    this.columns = shape.at(-1) ?? 1;
    this.matrix = shape.length > 1 && this.columns > 1 && format !== undefined;
    this.format = format?.block === 1 ? format : undefined;
    this.layout = LAYOUTS[format?.name ?? ""] ?? F32;
  }

  /** The largest finite |value| so far. */
  get largest(): number {
    if (this.known.bits !== this.largestBits)
      this.known = { bits: this.largestBits, value: this.value(this.largestBits) };
    return this.known.value;
  }

  /** Whether the row that has begun is known to be neither zeros nor one value. */
  get settled(): boolean {
    return this.column > 0 && this.most > 0 && !this.equal;
  }

  /** Passes over values of a row that is settled, none larger than `largest`. */
  skip(count: number): void {
    this.column += count;
    if (this.column === this.columns) this.endRow();
  }

  /** The next `count` floats; the bytes begin at a multiple of four. */
  add({ buffer, byteOffset }: Uint8Array | Float32Array, count: number): void {
    const words: Words =
      this.layout.bytes === 2 ? new Uint16Array(buffer, byteOffset, count) : new Uint32Array(buffer, byteOffset, count);
    const pairs = new Int32Array(buffer, byteOffset, (count * this.layout.bytes) >> 2);
    const { size, infinity } = this.layout;
    this.eachPart(words, count, (from, to) => {
      const inPairs = this.layout.bytes === 2 && from % 2 === 0 && to % 2 === 0;
      const bits = inPairs ? mostOfPairs(pairs, from / 2, to / 2) : mostBits(words, from, to, size);
      if (bits < infinity) this.largestBits = Math.max(this.largestBits, bits);
      else this.meetNonFinite(words, from, to);
      return bits;
    });
  }

  /** The next `count` integers: whether rows are zeros is all that is asked. */
  addIntegers(bytes: Uint8Array, count: number): void {
    const width = bytes.length / count;
    this.eachPart(bytes, count, (from, to) => (allZero(bytes, from * width, to * width) ? 0 : 1), width);
  }

  /** Cuts values into their rows; `most` tells something of values [from, to) that is 0 where they all are. */
  private eachPart(words: Words, count: number, most: (from: number, to: number) => number, width = 1): void {
    for (let at = 0; at < count;) {
      const end = Math.min(count, at + this.columns - this.column);
      if (this.column === 0) [this.most, this.head, this.equal] = [0, words[at * width]!, this.matrix];
      this.equal &&= allEqual(words, at * width, end * width, this.head);
      this.most = Math.max(this.most, most(at, end));
      this.column += end - at;
      at = end;
      if (this.column === this.columns) this.endRow();
    }
  }

  private endRow(): void {
    if (this.most === 0) this.zeroRows++;
    else if (this.equal) this.equalRows++;
    this.rows++;
    this.column = 0;
  }

  /** Among values [from, to) there is one that is not finite: remembers the first, and the largest of the others. */
  private meetNonFinite(words: Words, from: number, to: number): void {
    const { size, infinity } = this.layout;
    for (let i = from; i < to; i++) {
      const bits = (words[i]! & size) >>> 0;
      if (bits < infinity) this.largestBits = Math.max(this.largestBits, bits);
      else this.first ??= { row: this.rows, column: this.column + i - from, value: this.value(words[i]!) };
    }
  }

  /** The value that these bits are. */
  private value(bits: number): number {
    const bytes = new Uint8Array(Uint32Array.of(bits).buffer);
    const value = new Float32Array(bytes.buffer);
    if (this.format !== undefined) this.format.widen(bytes.slice(), 0, 1, value, 0);
    return value[0]!;
  }
}

/** The largest of the values' bits, their signs put away. */
function mostBits(words: Words, from: number, to: number, size: number): number {
  let most = 0;
  for (let i = from; i < to; i++) {
    const bits = words[i]! & size;
    if (bits > most) most = bits;
  }
  return most;
}

/** The same of values of 16 bits, two at a time: twice as fast. */
function mostOfPairs(pairs: Int32Array, from: number, to: number): number {
  let [low, high] = [0, 0];
  for (let i = from; i < to; i++) {
    const pair = pairs[i]!;
    const [a, b] = [pair & 0x7fff, pair & 0x7fff0000];
    if (a > low) low = a;
    if (b > high) high = b;
  }
  return Math.max(low, high >>> 16);
}

function allEqual(words: Words, from: number, to: number, value: number): boolean {
  for (let i = from; i < to; i++) if (words[i] !== value) return false;
  return true;
}

function allZero(bytes: Uint8Array, from: number, to: number): boolean {
  return allEqual(bytes, from, to, 0);
}
