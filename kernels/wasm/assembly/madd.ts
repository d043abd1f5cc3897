/** a b + s: rounded once where the build has relaxed SIMD and the processor such an instruction, else twice. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, s: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, s);
  return f32x4.add(s, f32x4.mul(a, b));
}
