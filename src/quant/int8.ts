/**
 * int8 of our own: the weights of a group of inputs (a whole row, or 32, 64 or 128 inputs of it) share one scale.
 *
 *   s = max(m, 127 x 2^-126) / 127 to float32,  m = max |w|;   q = w / s to the nearest, ties to even;   y = q s to float32
 *
 * bound    |w - q s| <= s/2, exactly, and so |w - y| <= s/2 + |q s| 2^-24:
 *          q is the integer nearest to the true quotient. JavaScript divides in float64, whose error is below 2^-45 for a
 *          quotient up to 128; and unless w/s is a tie k + 1/2 it is at least 2^-26 away from one, since w and (k + 1/2) s are
 *          whole multiples of ulp(s)/4 and s is less than 2^24 ulp(s). So nearest means nearest, and no tie is made.
 *          No integer is clamped: m/s <= 127 (1 + 2^-24) where s is m/127 rounded (at least 2^-126, hence a normal number),
 *          and m/s <= 127 where it is 2^-126. That rounds to 127 at most; -128 does not occur.
 * numbers  the scale and the value are rounded to float32 once each, q not at all. A row of zeros has the scale 2^-126, so
 *          that no scale is 0 or subnormal. For the largest float32 alone, m is taken one step lower, since 127 s would
 *          else be infinite.
 * golden   quant/narrow.safetensors
 */
import { roundEven } from "./narrowing.ts";

const LEAST = 127 * 2 ** -126;
const MOST = (2 - 2 ** -22) * 2 ** 127;

/**
 * Writes q + 128, a byte a weight, from `into[at]` on, of `count` weights from `values[from]` on. Returns their scale.
 * compressed-tensors keeps integers in this form, with no sign.
 */
export function narrowInt8(values: Float32Array, from: number, count: number, into: Uint8Array, at: number): number {
  let most = LEAST;
  for (let i = from; i < from + count; i++) most = Math.max(most, Math.abs(values[i]!));
  const scale = Math.fround(Math.min(most, MOST) / 127);
  for (let i = 0; i < count; i++) into[at + i] = 128 + roundEven(values[from + i]! / scale);
  return scale;
}
