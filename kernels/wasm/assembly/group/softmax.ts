/**
 * The softmax of a span of positions, in powers of two:
 *
 *   m = c max_s x[s],   l = sum_s 2^(c x[s] - m),   c = log2 e / sqrt D
 *
 * layout   x: f32 [h] in rows of ROW bytes, as long as a multiple of sixteen; sums: m and l, f32 [h][2]
 * numbers  float32 in lanes, 2^t as in ../exp2.ts; eight sums of every eighth weight, then those four apart, then total()
 */
import { exp2 } from "../exp2";
import { madd } from "../madd";
import { ROW } from "../state";
import { total } from "../sums";

/** The largest of x, whose count is a multiple of sixteen. NaN may be passed over: its weight is NaN. */
function largest(x: usize, count: i32): f32 {
  let m0 = v128.load(x);
  let m1 = v128.load(x, 16);
  let m2 = v128.load(x, 32);
  let m3 = v128.load(x, 48);
  const end = x + <usize>count * 4;
  for (x += 64; x < end; x += 64) {
    m0 = f32x4.pmax(m0, v128.load(x));
    m1 = f32x4.pmax(m1, v128.load(x, 16));
    m2 = f32x4.pmax(m2, v128.load(x, 32));
    m3 = f32x4.pmax(m3, v128.load(x, 48));
  }
  m0 = f32x4.pmax(f32x4.pmax(m0, m1), f32x4.pmax(m2, m3));
  return max(
    max(f32x4.extract_lane(m0, 0), f32x4.extract_lane(m0, 1)),
    max(f32x4.extract_lane(m0, 2), f32x4.extract_lane(m0, 3)),
  );
}

/** The products of some heads become weights; m and l go to `sums`. Rows are filled up with minus infinity. */
export function soften(heads: i32, x: usize, count: i32, c: f32, sums: usize): void {
  const whole = (count + 15) & ~15;
  const factor = f32x4.splat(c);
  for (let h = 0; h < heads; h++) {
    for (let s = count; s < whole; s++) store<f32>(x + s * 4, -Infinity);
    const m = largest(x, whole) * c;
    const less = f32x4.splat(-m);
    let l0 = f32x4.splat(0);
    let l1 = f32x4.splat(0);
    const end = x + <usize>whole * 4;
    for (let at = x; at < end; at += 32) {
      const e0 = exp2(madd(v128.load(at), factor, less));
      const e1 = exp2(madd(v128.load(at, 16), factor, less));
      l0 = f32x4.add(l0, e0);
      l1 = f32x4.add(l1, e1);
      v128.store(at, e0);
      v128.store(at, e1, 16);
    }
    store<f32>(sums, m);
    store<f32>(sums, total(f32x4.add(l0, l1)), 4);
    x += ROW;
    sums += 8;
  }
}
