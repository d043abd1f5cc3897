/**
 * Activations as integers, a scale for each 32 of them:
 *
 *   d = max |x| / 32767,   q = round(x / d),   s = d sum_i q[i]
 *
 * layout   q: i16 [T I]; d and s: f32 [T I / 32]
 * numbers  float32; half goes to even; a block of zeros has d = 0 and q = 0. |x - d q| <= d / 2. The product multiplies lanes
 *          of 16 bits whatever they hold, so all 16 are used: llama.cpp's 8 bits (127 in place of 32767) would be no faster
 *          here, and are 258 times as coarse.
 * source   the idea: ggml, quantize_row_q8_0
 *
 *   quantise          q in the order of x
 *   quantise_halves   the same; s: f32 [T I / 16], a sum for each half of a block
 *   quantise_nibbles  q of each block in four eights, x[0 2 .. 14], x[1 3 .. 15], x[16 18 .. 30], x[17 19 .. 31]; and starts,
 *                     i32 [T I / 32]: -8 times the sums of q
 */
import { first } from "./share";

export function quantise(
  thread: i32,
  threads: i32,
  x: usize,
  q: usize,
  d: usize,
  T: i32,
  I: i32,
  starts: usize,
  s: usize,
): void {
  const blocks = (T * I) / 32;
  const end = first(blocks, 1, thread + 1, threads);
  for (let b = first(blocks, 1, thread, threads); b < end; b++) {
    const from = x + b * 128;
    const most = largest(from);
    const scale = most / 32767;
    store<f32>(d + b * 4, scale);
    const inverse = f32x4.splat(most == 0 ? 0 : 32767 / most);
    const q0 = q + b * 64;
    const sums = i32x4.add(sixteen(from, inverse, q0), sixteen(from + 64, inverse, q0 + 32));
    store<f32>(s + b * 4, scale * <f32>across(sums));
  }
}

/** The same with two sums for each block, of its first and its last 16; s: f32 [T I / 16]. */
export function quantise_halves(
  thread: i32,
  threads: i32,
  x: usize,
  q: usize,
  d: usize,
  T: i32,
  I: i32,
  starts: usize,
  s: usize,
): void {
  const blocks = (T * I) / 32;
  const end = first(blocks, 1, thread + 1, threads);
  for (let b = first(blocks, 1, thread, threads); b < end; b++) {
    const from = x + b * 128;
    const most = largest(from);
    const scale = most / 32767;
    store<f32>(d + b * 4, scale);
    const inverse = f32x4.splat(most == 0 ? 0 : 32767 / most);
    const q0 = q + b * 64;
    store<f32>(s + b * 8, scale * <f32>across(sixteen(from, inverse, q0)));
    store<f32>(s + b * 8, scale * <f32>across(sixteen(from + 64, inverse, q0 + 32)), 4);
  }
}

/** For weights of 4 bits: those of even places before those of odd ones, and what Q4_0 adds to its sums. */
export function quantise_nibbles(
  thread: i32,
  threads: i32,
  x: usize,
  q: usize,
  d: usize,
  T: i32,
  I: i32,
  starts: usize,
  s: usize,
): void {
  const blocks = (T * I) / 32;
  const end = first(blocks, 1, thread + 1, threads);
  for (let b = first(blocks, 1, thread, threads); b < end; b++) {
    const from = x + b * 128;
    const most = largest(from);
    const scale = most / 32767;
    store<f32>(d + b * 4, scale);
    const inverse = f32x4.splat(most == 0 ? 0 : 32767 / most);
    const q0 = q + b * 64;
    const sums = i32x4.add(sixteenParted(from, inverse, q0), sixteenParted(from + 64, inverse, q0 + 32));
    store<f32>(s + b * 4, scale * <f32>across(sums));
    store<i32>(starts + b * 4, -8 * across(sums));
  }
}

/** Sixteen values as integers at q; their sum, in lanes. */
// @ts-ignore: decorator
@inline
function sixteen(x: usize, inverse: v128, q: usize): v128 {
  const a = eight(x, inverse);
  const b = eight(x + 32, inverse);
  v128.store(q, a);
  v128.store(q, b, 16);
  const ones = i16x8.splat(1);
  return i32x4.add(i32x4.dot_i16x8_s(a, ones), i32x4.dot_i16x8_s(b, ones));
}

/** The same, those of even places first. */
// @ts-ignore: decorator
@inline
function sixteenParted(x: usize, inverse: v128, q: usize): v128 {
  const a = eight(x, inverse);
  const b = eight(x + 32, inverse);
  const even = v128.shuffle<i16>(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
  const odd = v128.shuffle<i16>(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
  v128.store(q, even);
  v128.store(q, odd, 16);
  const ones = i16x8.splat(1);
  return i32x4.add(i32x4.dot_i16x8_s(even, ones), i32x4.dot_i16x8_s(odd, ones));
}

// @ts-ignore: decorator
@inline
function eight(x: usize, inverse: v128): v128 {
  const low = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x), inverse)));
  const high = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x, 16), inverse)));
  return i16x8.narrow_i32x4_s(low, high);
}

/** The largest |x| of a block of 32. */
// @ts-ignore: decorator
@inline
export function largest(x: usize): f32 {
  let m = f32x4.abs(v128.load(x));
  for (let i: usize = 16; i < 128; i += 16) m = f32x4.max(m, f32x4.abs(v128.load(x + i)));
  return max(
    max(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1)),
    max(f32x4.extract_lane(m, 2), f32x4.extract_lane(m, 3)),
  );
}

/** The sum of four lanes. */
// @ts-ignore: decorator
@inline
export function across(v: v128): i32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + (i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3));
}
