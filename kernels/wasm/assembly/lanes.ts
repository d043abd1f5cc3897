/** Sixteen small integers at a time: from bytes and halves of bytes to i16. */

/** Sixteen bytes with a sign as sixteen i16. */
// @ts-ignore: decorator
@inline
export function put(into: usize, v: v128): void {
  v128.store(into, i16x8.extend_low_i8x16_s(v));
  v128.store(into, i16x8.extend_high_i8x16_s(v), 16);
}

/** The same times a scale. */
// @ts-ignore: decorator
@inline
export function scaled(into: usize, v: v128, s: i32): void {
  const by = i16x8.splat(<i16>s);
  v128.store(into, i16x8.mul(i16x8.extend_low_i8x16_s(v), by));
  v128.store(into, i16x8.mul(i16x8.extend_high_i8x16_s(v), by), 16);
}

// @ts-ignore: decorator
@inline
export function low(n: v128): v128 {
  return v128.and(n, i8x16.splat(15));
}

// @ts-ignore: decorator
@inline
export function high(n: v128): v128 {
  return i8x16.shr_u(n, 4);
}
