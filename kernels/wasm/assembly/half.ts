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
