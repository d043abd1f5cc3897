/**
 * Rows of every block format as whole numbers with a scale, and in some a minimum, for each 32 of them:
 *
 *   W[32 b + i] = dw[b] w[32 b + i] (+ m[b], or m[2 b + (i >= 16)] in Q2_K)
 *
 * layout   w: i16 [32 blocks]; dw: f32 [blocks]; m: f32 [blocks], [2 blocks] in Q2_K; the formats as src/quant has them, and
 *          those of unpack-grouped.ts
 * numbers  exact. Scales of 32 values go into dw: 11 bits of d by 6 of s. Those of 16 (Q2_K, Q3_K, Q6_K) go into w: 8 bits of s
 *          by 6 of q, and dw is d.
 * source   src/quant; ggml: dequantize_row_*
 */
import { half } from "./half";
import { high, low, put } from "./lanes";
import { GROUPED, grouped, groupedSize } from "./unpack-grouped";
import { q2_k, q3_k, q45_k, q6_k } from "./unpack-k";

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
export const Q2_K: i32 = 11;

/** How many minimums the format has for each 32 values: 0, 1, or 2 with the first for the first 16. */
// @ts-ignore: decorator
@inline
export function minimumsOf(format: i32): i32 {
  if (format == Q2_K) return 2;
  return format == Q4_1 || format == Q5_1 || format == Q4_K || format == Q5_K ? 1 : 0;
}

/** Bytes of `blocks` times 32 values. */
export function sizeOf(format: i32, blocks: i32): usize {
  if (format >= GROUPED) return groupedSize(format, blocks);
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
    case Q2_K:
      return (blocks >> 3) * 84;
    default:
      return (blocks >> 3) * 210;
  }
}

/** `blocks` times 32 values at w, whole rows, as whole numbers into `into`, scales into dw, minimums into m. */
export function unpack(format: i32, w: usize, blocks: i32, into: usize, dw: usize, m: usize): void {
  if (format >= GROUPED) return grouped(format, w, blocks, into, dw, m);
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
    case Q2_K:
      return q2_k(w, blocks >> 3, into, dw, m);
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
