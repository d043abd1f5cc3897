/**
 * The largest |value| that a block can hold, by its scales alone: not finite where a scale is not, and never too small.
 * Whoever looks for the largest value, or for NaN, need not widen most blocks.
 *
 *   y = d q            |y| <= |d| max |q|
 *   y = d q + m        at q = 0 or at the largest q
 *   y = d s q - e m    at most |d| max(s q) or |e| max m where d and e have one sign, else at most their sum
 *
 * numbers  in float64, without rounding; a float32 at least as large as the bound is at least as large as every value,
 *          since rounding keeps order
 * source   the layouts are those of the formats' own files beside this one
 */
import { HALF } from "./f16.ts";

/** Of the block that begins at `bytes[at]`. */
export type Bound = (bytes: Uint8Array, at: number) => number;

const half = (bytes: Uint8Array, at: number) => HALF[bytes[at]! | (bytes[at + 1]! << 8)]!;

/** One scale, `offset` bytes into the block. */
const scaled =
  (offset: number, most: number): Bound =>
  (bytes, at) =>
    Math.abs(half(bytes, at + offset)) * most;

/** A scale and, two bytes on, a minimum that is added. */
const added =
  (most: number): Bound =>
  (bytes, at) => {
    const m = half(bytes, at + 2);
    return Math.max(Math.abs(m), Math.abs(half(bytes, at) * most + m));
  };

/** A scale and, two bytes on, a scale of minima that are taken away. */
const lessened =
  (offset: number, most: number, mostMinimum: number): Bound =>
  (bytes, at) => {
    const a = half(bytes, at + offset) * most;
    const b = half(bytes, at + offset + 2) * mostMinimum;
    return a * b < 0 ? Math.abs(a) + Math.abs(b) : Math.max(Math.abs(a), Math.abs(b));
  };

/** By the format's name; the formats that have blocks, and no others. */
export const BOUNDS: ReadonlyMap<string, Bound> = new Map([
  ["Q8_0", scaled(0, 128)],
  ["Q4_0", scaled(0, 8)],
  ["Q4_1", added(15)],
  ["Q5_0", scaled(0, 16)],
  ["Q5_1", added(31)],
  ["IQ4_NL", scaled(0, 127)],
  ["Q2_K", lessened(80, 15 * 3, 15)],
  ["Q3_K", scaled(108, 32 * 4)],
  ["Q4_K", lessened(0, 63 * 15, 63)],
  ["Q5_K", lessened(0, 63 * 31, 63)],
  ["Q6_K", scaled(208, 128 * 32)],
  ["IQ4_XS", scaled(0, 32 * 127)],
]);
