/**
 * Activations as integers, a scale for each 32 of them, as llama.cpp has them:
 *
 *   d = max |x| / 127,   q = round(x / d)
 *
 * layout   q: i16 [T I] (bytes, kept as what the product multiplies); d: f32 [T I / 32]
 * numbers  float32; half goes to even; a block of zeros has d = 0 and q = 0. |x - d q| <= d / 2
 * source   ggml: quantize_row_q8_0, which keeps d as float16; here it is float32
 */
import { first } from "./share";

export function quantise(thread: i32, threads: i32, x: usize, q: usize, d: usize, T: i32, I: i32): void {
  const blocks = (T * I) / 32;
  const end = first(blocks, 1, thread + 1, threads);
  for (let b = first(blocks, 1, thread, threads); b < end; b++) {
    const from = x + b * 128;
    let largest = f32x4.abs(v128.load(from));
    for (let i: usize = 16; i < 128; i += 16) largest = f32x4.max(largest, f32x4.abs(v128.load(from + i)));
    const most = max(
      max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
      max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
    );
    store<f32>(d + b * 4, most / 127);
    const inverse = f32x4.splat(most == 0 ? 0 : 127 / most);
    for (let i: usize = 0; i < 128; i += 32) {
      const low = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(from + i), inverse)));
      const high = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(from + i, 16), inverse)));
      v128.store(q + b * 64 + i / 2, i16x8.narrow_i32x4_s(low, high));
    }
  }
}

/** s[t b] = d sum_i q[i], the sum of a block as its integers have it: what a format with a minimum multiplies by that. */
export function sums(thread: i32, threads: i32, q: usize, d: usize, s: usize, blocks: i32): void {
  const ones = i16x8.splat(1);
  const end = first(blocks, 1, thread + 1, threads);
  for (let b = first(blocks, 1, thread, threads); b < end; b++) {
    let acc = i32x4.splat(0);
    for (let i: usize = 0; i < 64; i += 16) acc = i32x4.add(acc, i32x4.dot_i16x8_s(v128.load(q + b * 64 + i), ones));
    const sum =
      i32x4.extract_lane(acc, 0) + i32x4.extract_lane(acc, 1) + i32x4.extract_lane(acc, 2) + i32x4.extract_lane(acc, 3);
    store<f32>(s + b * 4, load<f32>(d + b * 4) * <f32>sum);
  }
}
