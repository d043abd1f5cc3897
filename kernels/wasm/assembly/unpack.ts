/**
 * Rows of every block format as whole numbers with a scale, and in some a minimum, for each 32 of them:
 *
 *   W[32 b + i] = dw[b] w[32 b + i] (+ m[b])
 *
 * layout   w: i16 [32 blocks]; dw, m: f32 [blocks]; the formats as src/quant has them
 * numbers  exact. Scales of 32 values go into dw: 11 bits of d by 6 of s. Those of 16 (Q3_K, Q6_K) go into w: 8 bits of s by 6
 *          of q, and dw is d.
 * source   src/quant; ggml: dequantize_row_*
 */
import { half } from "./half";

export const Q8_0: i32 = 0;
export const Q4_0: i32 = 1;
export const Q4_1: i32 = 2;
export const Q5_0: i32 = 3;
export const Q5_1: i32 = 4;
export const IQ4_NL: i32 = 5;
export const IQ4_XS: i32 = 6;
export const Q3_K: i32 = 7;
export const Q4_K: i32 = 8;
export const Q5_K: i32 = 9;
export const Q6_K: i32 = 10;

/** Whether the format has minimums. */
// @ts-ignore: decorator
@inline
export function lifted(format: i32): bool {
  return format == Q4_1 || format == Q5_1 || format == Q4_K || format == Q5_K;
}

/** Bytes of `blocks` times 32 values. */
export function sizeOf(format: i32, blocks: i32): usize {
  switch (format) {
    case Q8_0:
      return blocks * 34;
    case Q4_0:
    case IQ4_NL:
      return blocks * 18;
    case Q4_1:
      return blocks * 20;
    case Q5_0:
      return blocks * 22;
    case Q5_1:
      return blocks * 24;
    case IQ4_XS:
      return blocks * 17;
    case Q3_K:
      return (blocks >> 3) * 110;
    case Q4_K:
      return blocks * 18;
    case Q5_K:
      return blocks * 22;
    default:
      return (blocks >> 3) * 210;
  }
}

/** `blocks` times 32 values at w, as whole numbers into `into`, scales into dw, minimums into m. */
export function unpack(format: i32, w: usize, blocks: i32, into: usize, dw: usize, m: usize): void {
  switch (format) {
    case Q8_0:
      return bytes(w, blocks, into, dw);
    case Q4_0:
      return nibbles(w, 18, 2, 8, blocks, into, dw);
    case Q4_1:
      minimums(w, 20, blocks, m);
      return nibbles(w, 20, 4, 0, blocks, into, dw);
    case Q5_0:
      return fives(w, 22, 2, 16, blocks, into, dw);
    case Q5_1:
      minimums(w, 24, blocks, m);
      return fives(w, 24, 4, 0, blocks, into, dw);
    case IQ4_NL:
      return steps(w, blocks, into, dw);
    case IQ4_XS:
      return steps_xs(w, blocks >> 3, into, dw);
    case Q3_K:
      return q3_k(w, blocks >> 3, into, dw);
    case Q4_K:
      return q45_k(4, w, blocks >> 3, into, dw, m);
    case Q5_K:
      return q45_k(5, w, blocks >> 3, into, dw, m);
    default:
      return q6_k(w, blocks >> 3, into, dw);
  }
}

/** Sixteen bytes with a sign as sixteen i16. */
// @ts-ignore: decorator
@inline
function put(into: usize, v: v128): void {
  v128.store(into, i16x8.extend_low_i8x16_s(v));
  v128.store(into, i16x8.extend_high_i8x16_s(v), 16);
}

/** The same times a scale. */
// @ts-ignore: decorator
@inline
function scaled(into: usize, v: v128, s: i32): void {
  const by = i16x8.splat(<i16>s);
  v128.store(into, i16x8.mul(i16x8.extend_low_i8x16_s(v), by));
  v128.store(into, i16x8.mul(i16x8.extend_high_i8x16_s(v), by), 16);
}

// @ts-ignore: decorator
@inline
function low(n: v128): v128 {
  return v128.and(n, i8x16.splat(15));
}

// @ts-ignore: decorator
@inline
function high(n: v128): v128 {
  return i8x16.shr_u(n, 4);
}

/** f16 behind the scale of each block. */
function minimums(w: usize, block: usize, blocks: i32, m: usize): void {
  for (let b = 0; b < blocks; b++) store<f32>(m + b * 4, half(w + b * block + 2));
}

function bytes(w: usize, blocks: i32, into: usize, dw: usize): void {
  for (let b = 0; b < blocks; b++) {
    store<f32>(dw + b * 4, half(w));
    put(into, v128.load(w, 2));
    put(into + 32, v128.load(w, 18));
    w += 34;
    into += 64;
  }
}

function nibbles(w: usize, block: usize, at: usize, zero: i8, blocks: i32, into: usize, dw: usize): void {
  const about = i8x16.splat(zero);
  for (let b = 0; b < blocks; b++) {
    const n = v128.load(w + at);
    store<f32>(dw + b * 4, half(w));
    put(into, i8x16.sub(low(n), about));
    put(into + 32, i8x16.sub(high(n), about));
    w += block;
    into += 64;
  }
}

/** Bit i of 16 bits as 16 in byte i. */
// @ts-ignore: decorator
@inline
function fifth(bits: i32): v128 {
  const both = i8x16.shuffle(i16x8.splat(<i16>bits), i16x8.splat(<i16>bits), 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  const place = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  return v128.and(i8x16.eq(v128.and(both, place), place), i8x16.splat(16));
}

function fives(w: usize, block: usize, at: usize, zero: i8, blocks: i32, into: usize, dw: usize): void {
  const about = i8x16.splat(zero);
  for (let b = 0; b < blocks; b++) {
    const h = load<u32>(w + at);
    const n = v128.load(w + at + 4);
    store<f32>(dw + b * 4, half(w));
    put(into, i8x16.sub(v128.or(low(n), fifth(h & 0xffff)), about));
    put(into + 32, i8x16.sub(v128.or(high(n), fifth(h >> 16)), about));
    w += block;
    into += 64;
  }
}

// @ts-ignore: decorator
@inline
function table(): v128 {
  return i8x16(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
}

function steps(w: usize, blocks: i32, into: usize, dw: usize): void {
  for (let b = 0; b < blocks; b++) {
    const n = v128.load(w, 2);
    store<f32>(dw + b * 4, half(w));
    put(into, i8x16.swizzle(table(), low(n)));
    put(into + 32, i8x16.swizzle(table(), high(n)));
    w += 18;
    into += 64;
  }
}

function steps_xs(w: usize, count: i32, into: usize, dw: usize): void {
  for (let b = 0; b < count; b++) {
    const d = half(w);
    const h = <i32>load<u16>(w, 2);
    for (let g = 0; g < 8; g++) {
      const l = (<i32>load<u8>(w + 4 + (g >> 1)) >> (4 * (g & 1))) & 15;
      store<f32>(dw + g * 4, d * <f32>((l | (((h >> (2 * g)) & 3) << 4)) - 32));
      const n = v128.load(w + 8 + 16 * g);
      put(into, i8x16.swizzle(table(), low(n)));
      put(into + 32, i8x16.swizzle(table(), high(n)));
      into += 64;
    }
    w += 136;
    dw += 32;
  }
}

/** Eight times the same. */
// @ts-ignore: decorator
@inline
function eight(dw: usize, d: f32): void {
  v128.store(dw, f32x4.splat(d));
  v128.store(dw, f32x4.splat(d), 16);
}

function q3_k(w: usize, count: i32, into: usize, dw: usize): void {
  const about = i8x16.splat(4);
  for (let b = 0; b < count; b++) {
    eight(dw, half(w + 108));
    for (let g = 0; g < 16; g++) {
      const l = (<i32>load<u8>(w + 96 + (g & 7)) >> (4 * (g >> 3))) & 15;
      const s = (l | (((<i32>load<u8>(w + 104 + (g & 3)) >> (2 * (g >> 2))) & 3) << 4)) - 32;
      const n = v128.load(w + 32 + 32 * (g >> 3) + 16 * (g & 1));
      const h = v128.load(w + 16 * (g & 1));
      const two = v128.and(i8x16.shr_u(n, 2 * ((g >> 1) & 3)), i8x16.splat(3));
      const top = i8x16.shl(v128.and(i8x16.shr_u(h, g >> 1), i8x16.splat(1)), 2);
      scaled(into + g * 32, i8x16.sub(v128.or(two, top), about), s);
    }
    w += 110;
    into += 512;
    dw += 32;
  }
}

// @ts-ignore: decorator
@inline
function scaleOf(at: usize, g: i32): i32 {
  if (g < 4) return load<u8>(at + g) & 63;
  return (load<u8>(at + g + 4) & 15) | ((load<u8>(at + g - 4) >> 6) << 4);
}

// @ts-ignore: decorator
@inline
function minimumOf(at: usize, g: i32): i32 {
  if (g < 4) return load<u8>(at + g + 4) & 63;
  return (load<u8>(at + g + 4) >> 4) | ((load<u8>(at + g) >> 6) << 4);
}

/** Q4_K, or Q5_K, where 32 bytes of fifth bits lie before the halves. */
function q45_k(bits: i32, w: usize, count: i32, into: usize, dw: usize, m: usize): void {
  for (let b = 0; b < count; b++) {
    const d = half(w);
    const dmin = half(w + 2);
    const h0 = v128.load(w, 16);
    const h1 = v128.load(w, 32);
    let n: usize = w + 16 + (bits == 5 ? 32 : 0);
    for (let g = 0; g < 8; g++) {
      store<f32>(dw + g * 4, d * <f32>scaleOf(w + 4, g));
      store<f32>(m + g * 4, -(dmin * <f32>minimumOf(w + 4, g)));
      let a = v128.load(n);
      let c = v128.load(n, 16);
      a = (g & 1) == 0 ? low(a) : high(a);
      c = (g & 1) == 0 ? low(c) : high(c);
      if (bits == 5) {
        a = v128.or(a, i8x16.shl(v128.and(i8x16.shr_u(h0, g), i8x16.splat(1)), 4));
        c = v128.or(c, i8x16.shl(v128.and(i8x16.shr_u(h1, g), i8x16.splat(1)), 4));
      }
      put(into, a);
      put(into + 32, c);
      into += 64;
      n += 32 * (g & 1);
    }
    w += bits == 5 ? 176 : 144;
    dw += 32;
    m += 32;
  }
}

function q6_k(w: usize, count: i32, into: usize, dw: usize): void {
  const about = i8x16.splat(32);
  for (let b = 0; b < count; b++) {
    eight(dw, half(w + 208));
    for (let turn = 0; turn < 4; turn++) {
      const g = 8 * (turn >> 1) + (turn & 1);
      const s = w + 192 + g;
      const n = w + 64 * (turn >> 1) + 16 * (turn & 1);
      const n0 = v128.load(n);
      const n1 = v128.load(n, 32);
      const h = v128.load(w + 128 + 16 * turn);
      const y = into + 32 * g;
      const three = i8x16.splat(3);
      const h0 = i8x16.shl(v128.and(h, three), 4);
      const h1 = i8x16.shl(v128.and(i8x16.shr_u(h, 2), three), 4);
      const h2 = i8x16.shl(v128.and(i8x16.shr_u(h, 4), three), 4);
      const h3 = i8x16.shl(i8x16.shr_u(h, 6), 4);
      scaled(y, i8x16.sub(v128.or(low(n0), h0), about), load<i8>(s));
      scaled(y + 64, i8x16.sub(v128.or(low(n1), h1), about), load<i8>(s, 2));
      scaled(y + 128, i8x16.sub(v128.or(high(n0), h2), about), load<i8>(s, 4));
      scaled(y + 192, i8x16.sub(v128.or(high(n1), h3), about), load<i8>(s, 6));
    }
    w += 210;
    into += 512;
    dw += 32;
  }
}
