/**
 * n[t c] = x[t c] / sqrt(mean_c x[t c]^2 + eps) * g[c]
 *
 * layout   x, n: f32 [T C]; g: f32 [C]; C is a multiple of four
 * numbers  the reference's to the bit: squares in float64, one after another, then products in float64 and one rounding
 */
import { first } from "./share";

/** The squares of two rows, side by side, since each sum waits for the last. */
// @ts-ignore: decorator
@inline
function squares(a: usize, b: usize, C: i32): v128 {
  let sums = f64x2.splat(0);
  for (let c: i32 = 0; c < C; c += 4) {
    const x = v128.load(a + c * 4);
    const y = v128.load(b + c * 4);
    const low = i32x4.shuffle(x, y, 0, 4, 1, 5);
    const high = i32x4.shuffle(x, y, 2, 6, 3, 7);
    sums = f64x2.add(sums, square(low));
    sums = f64x2.add(sums, square(i64x2.shuffle(low, low, 1, 1)));
    sums = f64x2.add(sums, square(high));
    sums = f64x2.add(sums, square(i64x2.shuffle(high, high, 1, 1)));
  }
  return sums;
}

// @ts-ignore: decorator
@inline
function square(x: v128): v128 {
  const wide = f64x2.promote_low_f32x4(x);
  return f64x2.mul(wide, wide);
}

// @ts-ignore: decorator
@inline
function scaled(x: usize, scale: v128, g: usize): v128 {
  const wide = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(x)), scale);
  return f32x4.demote_f64x2_zero(f64x2.mul(wide, f64x2.promote_low_f32x4(v128.load64_zero(g))));
}

function row(x: usize, g: usize, n: usize, C: i32, scale: f64): void {
  const by = f64x2.splat(scale);
  for (let c: usize = 0; c < <usize>C * 4; c += 16) {
    v128.store(n + c, i64x2.shuffle(scaled(x + c, by, g + c), scaled(x + c + 8, by, g + c + 8), 0, 2));
  }
}

export function rms_norm(thread: i32, threads: i32, x: usize, g: usize, n: usize, T: i32, C: i32, eps: f64): void {
  const end = first(T, 1, thread + 1, threads);
  const step: usize = C * 4;
  for (let t = first(T, 1, thread, threads); t < end; t += 2) {
    const at: usize = step * t;
    const next: usize = t + 1 < end ? at + step : at;
    const sums = squares(x + at, x + next, C);
    row(x + at, g, n + at, C, 1 / sqrt<f64>(f64x2.extract_lane(sums, 0) / <f64>C + eps));
    if (next != at) row(x + next, g, n + next, C, 1 / sqrt<f64>(f64x2.extract_lane(sums, 1) / <f64>C + eps));
  }
}
