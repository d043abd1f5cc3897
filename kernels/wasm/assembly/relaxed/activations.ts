/**
 * Activations as bytes for the relaxed product, which takes one operand of 8 bits with a sign and one of 0 to 127:
 *
 *   d = max |x| / 127,   q = round(x / d)
 *
 *   apart  |q| and the sign of q, for weights of 8 bits: the product is of |q|, and of weights that have taken over the sign
 *   i8     q as it is, and for each block n = -8 sum q, for weights of 4 bits
 *
 * layout   apart: for each block bytes |q|[32], then bytes of 0 or -1 [32]; i8: bytes q [T I]; d: f32 [T I / 32];
 *          n: i32x4 [T I / 32], lane j the part of bytes 4 j .. 4 j + 3 and 16 + 4 j .. 16 + 4 j + 3, as the product has its
 *          lanes; s: f32 [T I / 32], d sum q
 * numbers  as ../activations.ts, with 8 bits: |x - d q| <= d / 2
 * source   taking the sign over: ggml, ggml_vec_dot_q8_0_q8_0 for AVX2
 */
import { across, largest } from "../activations";
import { first } from "../share";

/** Sixteen values as bytes: x / d to the nearest. */
// @ts-ignore: decorator
@inline
function bytes(x: usize, inverse: v128): v128 {
  const a = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x), inverse)));
  const b = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x, 16), inverse)));
  const c = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x, 32), inverse)));
  const e = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x, 48), inverse)));
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, e));
}

export function quantise_apart(thread: i32, threads: i32, x: usize, q: usize, d: usize, T: i32, I: i32): void {
  const blocks = (T * I) / 32;
  const end = first(blocks, 1, thread + 1, threads);
  for (let b = first(blocks, 1, thread, threads); b < end; b++) {
    const from = x + b * 128;
    const most = largest(from);
    store<f32>(d + b * 4, most / 127);
    const inverse = f32x4.splat(most == 0 ? 0 : 127 / most);
    const low = bytes(from, inverse);
    const high = bytes(from + 64, inverse);
    const at = q + b * 64;
    v128.store(at, i8x16.abs(low));
    v128.store(at, i8x16.abs(high), 16);
    v128.store(at, i8x16.shr_s(low, 7), 32);
    v128.store(at, i8x16.shr_s(high, 7), 48);
  }
}

export function quantise_i8(
  thread: i32,
  threads: i32,
  x: usize,
  q: usize,
  d: usize,
  T: i32,
  I: i32,
  n: usize,
  s: usize,
): void {
  const blocks = (T * I) / 32;
  const end = first(blocks, 1, thread + 1, threads);
  const eights = i8x16.splat(8);
  for (let b = first(blocks, 1, thread, threads); b < end; b++) {
    const from = x + b * 128;
    const most = largest(from);
    const scale = most / 127;
    store<f32>(d + b * 4, scale);
    const inverse = f32x4.splat(most == 0 ? 0 : 127 / most);
    const low = bytes(from, inverse);
    const high = bytes(from + 64, inverse);
    v128.store(q + b * 32, low);
    v128.store(q + b * 32, high, 16);
    const eight = i32x4.relaxed_dot_i8x16_i7x16_add_s(
      high,
      eights,
      i32x4.relaxed_dot_i8x16_i7x16_add_s(low, eights, i32x4.splat(0)),
    );
    v128.store(n + b * 16, i32x4.neg(eight));
    store<f32>(s + b * 4, scale * <f32>(across(eight) >> 3));
  }
}
