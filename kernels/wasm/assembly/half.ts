/**
 * float16 to float32: the exponent and fraction move into float32's places, and 2^112 corrects the bias. Exact for every
 * finite value, subnormal ones too; infinities become numbers near 2^16 to 2^17, which no scale of a sound file is.
 */
// @ts-ignore: decorator
@inline
export function half(at: usize): f32 {
  const h = <u32>load<u16>(at);
  return reinterpret<f32>(((h & 0x8000) << 16) | ((h & 0x7fff) << 13)) * reinterpret<f32>(0x77800000);
}

/** Four at a time, in the upper halves of their lanes; what is below them does not count. */
// @ts-ignore: decorator
@inline
export function upperHalves(h: v128): v128 {
  return f32x4.mul(v128.and(i32x4.shr_s(h, 3), i32x4.splat(0x8fffe000)), f32x4.splat(reinterpret<f32>(0x77800000)));
}

/** Those at w, w + step, w + 2 step and w + 3 step. */
// @ts-ignore: decorator
@inline
export function fourHalves(w: usize, step: usize): v128 {
  let h = v128.load16_lane(w, i32x4.splat(0), 1);
  h = v128.load16_lane(w + step, h, 3);
  h = v128.load16_lane(w + 2 * step, h, 5);
  return upperHalves(v128.load16_lane(w + 3 * step, h, 7));
}
