/**
 * 2^t in four float32 lanes, for t <= 0:
 *
 *   2^t = 2^n 2^f,   n = round(t),   f = t - n,   2^f = 1 + f P(f)
 *
 * numbers  within 2 ulp; 1 of 0; below -126 it is 2^-126, which beside a largest weight of 1 is nothing; NaN of NaN
 * source   P interpolates (2^f - 1) / f at the six Chebyshev points of [-1/2, 1/2]: off by 0.09 u of 2^f, before rounding
 */
import { madd } from "./madd";

/** Added, it leaves a whole number, whose last bits are n. */
// @ts-ignore: decorator
@inline
const WHOLE: f32 = 12582912;

// @ts-ignore: decorator
@inline
export function exp2(t: v128): v128 {
  t = f32x4.pmax(t, f32x4.splat(-126));
  const whole = f32x4.add(t, f32x4.splat(WHOLE));
  const f = f32x4.sub(t, f32x4.sub(whole, f32x4.splat(WHOLE)));
  let p = f32x4.splat(0.00015453163359779865);
  p = madd(p, f, f32x4.splat(0.0013390863314270973));
  p = madd(p, f, f32x4.splat(0.009618083015084267));
  p = madd(p, f, f32x4.splat(0.055503569543361664));
  p = madd(p, f, f32x4.splat(0.24022650718688965));
  p = madd(p, f, f32x4.splat(0.6931471824645996));
  p = madd(p, f, f32x4.splat(1));
  return f32x4.mul(p, i32x4.add(i32x4.shl(whole, 23), i32x4.splat(127 << 23)));
}
