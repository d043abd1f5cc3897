/**
 * e^x in four float32 lanes, for x <= 0:
 *
 *   e^x = 2^n e^s,   n = round(x / ln 2),   s = x - n ln 2,   e^s = 1 + s + s^2 P(s)
 *
 * numbers  within 1.5 ulp; 2^n in two factors, so that subnormal results round as they should; 0 below -104
 * source   Cody and Waite 1980 for the two parts of ln 2; the polynomial of Sleef's xexpf
 */

/** n, as float32. */
// @ts-ignore: decorator
@inline
export function exponent(x: v128): v128 {
  return f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896340736)));
}

/** e^s: between 0.7 and 1.42. */
// @ts-ignore: decorator
@inline
export function fraction(x: v128, n: v128): v128 {
  let s = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693145751953125)));
  s = f32x4.sub(s, f32x4.mul(n, f32x4.splat(1.428606765330187e-6)));
  let p = f32x4.splat(0.000198527617612853646);
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(0.00139304355252534151));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(0.00833336077630519867));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(0.0416664853692054749));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(0.166666671633720398));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(0.5));
  return f32x4.add(f32x4.splat(1), f32x4.add(f32x4.mul(f32x4.mul(s, s), p), s));
}

/** 2^n of whole numbers from -126 to 127. */
// @ts-ignore: decorator
@inline
export function power(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const q = exponent(x);
  const n = i32x4.trunc_sat_f32x4_s(q);
  const half = i32x4.shr_s(n, 1);
  const e = f32x4.mul(f32x4.mul(fraction(x, q), power(half)), power(i32x4.sub(n, half)));
  return v128.and(e, f32x4.ge(x, f32x4.splat(-104)));
}
