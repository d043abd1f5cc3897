/** What the kernels of one token have in common (single.ts): constants, scales, integers of bytes against activations. */

/**
 * Where the constants lie in a thread's scratch: one in the code would be made anew for each use in a loop (V8 of Node 24).
 * Bytes unless it says otherwise.
 */
export const FIFTEEN_WIDE: usize = 0; // 16 bits
export const FIFTEEN: usize = 16;
export const FORTY_EIGHT: usize = 32;
export const THIRTY_TWO: usize = 48;
const FIELDS: usize = 64; // 32 bits
const UP: usize = 80; // float32
const DOWN: usize = 96; // float32
export const SIXTEEN: usize = 112;
export const THREE: usize = 128;
export const FOUR: usize = 144;
export const PLACES: usize = 160;
export const FIRST_BYTES: usize = 176;
export const LAST_BYTES: usize = 192;
export const TOP: usize = 208;
export const STEPS: usize = 224;
/** Bytes that they take. Behind them is room for scales, and for what is stored in vain (single-k.ts). */
export const CONSTANTS: usize = 240;

export function storeConstants(at: usize): void {
  v128.store(at, i16x8.splat(15), FIFTEEN_WIDE);
  v128.store(at, i8x16.splat(15), FIFTEEN);
  v128.store(at, i8x16.splat(48), FORTY_EIGHT);
  v128.store(at, i8x16.splat(32), THIRTY_TWO);
  v128.store(at, i32x4.splat(0x8fffe000), FIELDS);
  v128.store(at, f32x4.splat(reinterpret<f32>(0x77800000)), UP); // 2^112
  v128.store(at, f32x4.splat(-reinterpret<f32>(0x77800000)), DOWN);
  v128.store(at, i8x16.splat(16), SIXTEEN);
  v128.store(at, i8x16.splat(3), THREE);
  v128.store(at, i8x16.splat(4), FOUR);
  v128.store(at, i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128), PLACES);
  v128.store(at, i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1), FIRST_BYTES);
  v128.store(at, i8x16(2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3), LAST_BYTES);
  v128.store(at, i8x16.splat(-16), TOP);
  v128.store(at, i8x16(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113), STEPS);
}

/** The float16 at w four times as float32, as half.ts has it. */
// @ts-ignore: decorator
@inline
export function splatHalf(w: usize, masks: usize): v128 {
  return f32x4.mul(v128.and(i32x4.shr_s(v128.load16_splat(w), 3), v128.load(masks, FIELDS)), v128.load(masks, UP));
}

/** The same less than nothing: -w. */
// @ts-ignore: decorator
@inline
export function splatLess(w: usize, masks: usize): v128 {
  return f32x4.mul(v128.and(i32x4.shr_s(v128.load16_splat(w), 3), v128.load(masks, FIELDS)), v128.load(masks, DOWN));
}

/** acc + p by. */
// @ts-ignore: decorator
@inline
export function plus(acc: v128, p: v128, by: v128): v128 {
  return f32x4.add(acc, f32x4.mul(f32x4.convert_i32x4_s(p), by));
}

/** 16 weights in signed bytes against the activations at q. */
// @ts-ignore: decorator
@inline
export function sixteen(v: v128, q: usize): v128 {
  const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(v), v128.load(q));
  return i32x4.add(low, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(v), v128.load(q, 16)));
}

/** 32 weights in signed bytes. */
// @ts-ignore: decorator
@inline
export function laneSum(a: v128, c: v128, q: usize): v128 {
  return i32x4.add(sixteen(a, q), sixteen(c, q + 32));
}

/** Six bits in bytes, less 32. */
// @ts-ignore: decorator
@inline
export function six(low: v128, top: v128, masks: usize): v128 {
  return i8x16.sub(v128.or(v128.and(low, v128.load(masks, FIFTEEN)), v128.and(top, v128.load(masks, FORTY_EIGHT))), v128.load(masks, THIRTY_TWO));
}

/** The six bits of four scales and of four minimums, of the first or second four, in bytes. */
// @ts-ignore: decorator
@inline
function firstSix(w: usize): v128 {
  return i64x2.splat(load<u64>(w, 4) & 0x3f3f3f3f3f3f3f3f);
}

// @ts-ignore: decorator
@inline
function lastSix(w: usize): v128 {
  const c = <u64>load<u32>(w, 12);
  const low = (c & 0x0f0f0f0f) | ((c & 0xf0f0f0f0) << 28);
  return i64x2.splat(((load<u64>(w, 4) >> 2) & 0x3030303030303030) | low);
}

/** At p the eight scales of a block of Q4_K or Q5_K, times d, and behind them its eight minimums, times m. */
// @ts-ignore: decorator
@inline
export function sixBits(w: usize, d: v128, m: v128, p: usize): void {
  const a = i16x8.extend_low_i8x16_u(firstSix(w));
  v128.store(p, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(a)), d));
  v128.store(p, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(a)), m), 32);
  const c = i16x8.extend_low_i8x16_u(lastSix(w));
  v128.store(p, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(c)), d), 16);
  v128.store(p, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(c)), m), 48);
}
