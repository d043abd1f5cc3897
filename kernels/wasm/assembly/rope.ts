/**
 * y[d]       = x[d] cos a - x[d + D/2] sin a
 * y[d + D/2] = x[d] sin a + x[d + D/2] cos a      in each head, a the angle of the token's place and of d
 *
 * layout   x, y: f32 [T width], width a multiple of D, D of eight; turns: f32 [T][cosines D/2, sines D/2]
 * numbers  the reference's to the bit: products and sum in float64, one rounding
 */
import { first } from "./share";

/** Two values in float64. */
// @ts-ignore: decorator
@inline
function wide(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

export function rope(thread: i32, threads: i32, x: usize, turns: usize, y: usize, T: i32, width: i32, D: i32): void {
  const half: usize = D * 2;
  const end = first(T, 1, thread + 1, threads);
  for (let t = first(T, 1, thread, threads); t < end; t++) {
    const turn = turns + t * D * 4;
    const from = x + t * width * 4;
    const into = y + t * width * 4;
    for (let d: usize = 0; d < half; d += 8) {
      const cos = wide(turn + d);
      const sin = wide(turn + half + d);
      for (let h: usize = d; h < <usize>width * 4; h += 2 * half) {
        const a = wide(from + h);
        const b = wide(from + h + half);
        const left = f64x2.sub(f64x2.mul(a, cos), f64x2.mul(b, sin));
        const right = f64x2.add(f64x2.mul(a, sin), f64x2.mul(b, cos));
        v128.store64_lane(into + h, f32x4.demote_f64x2_zero(left), 0);
        v128.store64_lane(into + h + half, f32x4.demote_f64x2_zero(right), 0);
      }
    }
  }
}
