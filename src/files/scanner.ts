/**
 * Looking at every value of a tensor while its bytes pass: can these be trained weights?
 *
 *   finite    no NaN, no infinity
 *   zeros     rows of nothing but zeros, and rows of one value over and over: an aborted download leaves such
 *   largest   the largest |value|
 *
 * numbers  a float's exponent and fraction, its sign put away, are an integer that grows with |value|: the largest of a
 *          row is found among these integers; it is 0 for a row of zeros, and at least the bits of infinity where a value
 *          is not finite. So one comparison a value tells all three. Blocks are widened where their scales do not tell (bounds.ts).
 */
import { BOUNDS } from "../quant/bounds.ts";
import type { Format } from "../quant/format.ts";
import { FORMATS } from "../quant/index.ts";
import { Rows } from "./scanned-rows.ts";
import type { TensorInfo } from "./source.ts";
import { formatOf } from "./weights.ts";

/** What a tensor's values must be, where more or less is asked of them than to be finite. */
export type Rule =
  | { readonly kind: "weights" }
  /** Scales of a packed matrix: no quantiser writes one below 2^-126; LLM.int8 has 0 for a row of zeros. */
  | { readonly kind: "scales"; readonly zero: boolean }
  /** Integers of a packed matrix, of which any may occur. */
  | { readonly kind: "integers" }
  /** Integers of 8 bits that stop at -127. */
  | { readonly kind: "symmetric" }
  /** For each input, which of so many groups it is in. */
  | { readonly kind: "groups"; readonly groups: number }
  /** GPTQ's zero points less one, packed in fields of so many bits: the largest would wrap. */
  | { readonly kind: "gptq-zeros"; readonly bits: 4 | 8 }
  /** Integers that are no weights and of which any may occur. */
  | { readonly kind: "other" };

/** A value that cannot be, and where it stands in the file's tensor. */
export interface NonFinite {
  readonly tensor: string;
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

/** A value against the rule. */
export interface Fault {
  readonly code: "E_Q_SCALE" | "E_Q_RANGE";
  readonly expected: string;
  readonly actual: string;
}

export interface Scan {
  /** The first NaN or infinity, in the order of the file. */
  readonly nonFinite: NonFinite | undefined;
  /** The first value that the rule forbids. */
  readonly fault: Fault | undefined;
  readonly rows: number;
  /** Rows of nothing but zeros. */
  readonly zeroRows: number;
  /** Rows of a matrix that hold one value, not 0, over and over. */
  readonly equalRows: number;
  /** The largest |value|, of those that are finite; of integers 0. */
  readonly largest: number;
}

/** Number formats of integers, which packed matrices are made of: their numbers are finite, and no weights by themselves. */
export const INTEGERS: ReadonlySet<string> = new Set(["I32", "I8", "I64", "U8"]);

/** Whether a tensor's values can be told from its bytes. */
export function canScan({ format, shape }: TensorInfo): boolean {
  return INTEGERS.has(format) || (shape.at(-1) ?? 1) % (FORMATS.get(format)?.block ?? Infinity) === 0;
}

/** One tensor's scan: `feed` it all of its bytes, in order. */
export class Scanner {
  private readonly info: TensorInfo;
  private readonly rule: Rule;
  private readonly format: Format | undefined;
  private readonly rows: Rows;
  /** One block. */
  private readonly widened = new Float32Array(256);
  private fault: Fault | undefined;
  /** Values so far. */
  private done = 0;

  /** Throws FormatError E_ST_DTYPE_UNSUPPORTED or E_GGUF_DTYPE for a number format that cannot be widened. */
  constructor(info: TensorInfo, rule: Rule = INTEGERS.has(info.format) ? { kind: "other" } : { kind: "weights" }) {
    this.info = info;
    this.rule = rule;
    this.format = INTEGERS.has(info.format) ? undefined : formatOf(info);
    this.rows = new Rows(info.shape, this.format);
  }

  /** The next bytes: whole values, of a block format whole blocks. */
  feed(bytes: Uint8Array): void {
    const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
    if (this.format === undefined) this.feedIntegers(aligned);
    else if (this.format.block === 1) this.feedFloats(aligned, aligned.length / this.format.bytes);
    else this.feedBlocks(aligned, this.format);
  }

  end(): Scan {
    const { rows, zeroRows, equalRows, largest, first } = this.rows;
    const nonFinite = first === undefined ? undefined : { tensor: this.info.name, ...first };
    return { nonFinite, fault: this.fault, rows, zeroRows, equalRows, largest };
  }

  private feedFloats(bytes: Uint8Array, count: number): void {
    this.rows.add(bytes, count);
    if (this.rule.kind === "scales" && this.fault === undefined) this.checkScales(bytes, count, this.rule.zero);
    this.done += count;
  }

  /** Widens the first blocks of a row, and those that may hold a larger value than any so far, or none that is finite. */
  private feedBlocks(bytes: Uint8Array, format: Format): void {
    const { rows, widened } = this;
    const bound = BOUNDS.get(format.name);
    for (let at = 0; at < bytes.length; at += format.bytes) {
      if (bound !== undefined && rows.settled && bound(bytes, at) <= rows.largest) rows.skip(format.block);
      else {
        format.widen(bytes, at, 1, widened, 0);
        rows.add(widened, format.block);
      }
    }
  }

  private checkScales(bytes: Uint8Array, count: number, zero: boolean): void {
    const scales = new Float32Array(count);
    this.format!.widen(bytes, 0, count, scales, 0);
    const at = scales.findIndex((s) => !((s >= 2 ** -126 && s < Infinity) || (zero && s === 0)));
    if (at < 0) return;
    const actual = `${scales[at]} at ${this.done + at}`;
    this.fault = { code: "E_Q_SCALE", expected: "scales above 2^-126, finite", actual };
  }

  private feedIntegers(bytes: Uint8Array): void {
    const valueBytes = { I64: 8, I32: 4 }[this.info.format] ?? 1;
    const count = bytes.length / valueBytes;
    const { kind } = this.rule;
    if ((kind === "integers" || kind === "symmetric") && this.info.shape.length > 1)
      this.rows.addIntegers(bytes, count);
    this.fault ??= this.integerFault(bytes);
    this.done += count;
  }

  private integerFault(bytes: Uint8Array): Fault | undefined {
    const { rule } = this;
    const found = (at: number, expected: string, actual: string): Fault | undefined =>
      at < 0 ? undefined : { code: "E_Q_RANGE", expected, actual: `${actual} at ${this.done + at}` };
    switch (rule.kind) {
      case "symmetric":
        return found(bytes.indexOf(0x80), "values from -127", "-128");
      case "groups": {
        const index = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
        const at = index.findIndex((g) => g < 0 || g >= rule.groups);
        return found(at, `groups from 0 to ${rule.groups - 1}`, `${index[at]}`);
      }
      case "gptq-zeros": {
        const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
        const most = 2 ** rule.bits - 1;
        return found(
          words.findIndex((word) => hasField(word, rule.bits)),
          `stored zero points below ${most}`,
          `${most}`,
        );
      }
      default:
        return undefined;
    }
  }
}

/** Whether a field of that many bits is all ones. */
function hasField(word: number, bits: 4 | 8): boolean {
  const ones = 2 ** bits - 1;
  for (let shift = 0; shift < 32; shift += bits) if (((word >>> shift) & ones) === ones) return true;
  return false;
}
