import type { Format } from "./format.ts";

/** What encoders share: the inverse of `Format.widen`, and rounding. */
export interface Narrow {
  /** The format that is written. */
  readonly format: Format;
  /** The largest |value| that its scales can carry; no encoder is asked for more. */
  readonly most: number;
  /** Narrows the values of `blocks` blocks, from `values[from]` on, into `into`, from `into[at]` on. */
  narrow(values: Float32Array, from: number, blocks: number, into: Uint8Array, at: number): void;
}

/** The largest half. */
export const MOST_HALF = 65_504;

const MAGIC = 3 * 2 ** 51;

/**
 * The integer nearest to x, ties to the even one, for |x| < 2^51: added to 1.5 x 2^52, x loses its fraction to the
 * addition's own rounding.
 */
export function roundEven(x: number): number {
  return x + MAGIC - MAGIC;
}

const ONE = new Float32Array(1);
const BITS = new Uint32Array(ONE.buffer);

/** The bits of the half nearest to a float32, ties to even; infinity from 65520 on; NaN as one of its quiet ones. */
export function half(value: number): number {
  ONE[0] = value;
  const sign = (BITS[0]! >>> 16) & 0x8000;
  const size = BITS[0]! & 0x7fffffff;
  if (size >= 0x477ff000) return sign | (size > 0x7f800000 ? 0x7e00 : 0x7c00);
  if (size >= 0x38800000) return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
  return sign | roundEven(Math.abs(ONE[0]) * 2 ** 24); // subnormal: a multiple of 2^-24
}
