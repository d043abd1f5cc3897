/**
 * Q8_0, Q4_0, Q4_1, Q4_K and Q6_K against one token of activations as they are, multiplied as they are read: the very sums of
 * linear_widened (unpacked.ts).
 *
 *   y[o] = sum_b sum_i (dw[o b] w[o b i] + m[o b]) x[b i] + bias[o]
 *
 * numbers  weights are the format's own values to the bit, as unpacked.ts's widen() makes them; a block of 32 is summed from
 *          zero in four lanes, the lanes of the blocks one after another, then the four lanes, as floats.ts says
 *
 *   1  eight weights in 16 bits become twice four numbers; half a block's sum is stored in vain (single-k.ts says why)
 */
import { FIFTEEN_WIDE, six, sixBits, splatHalf, splatLess } from "./single-parts";
import { total } from "./sums";

/** sum + (w d) x for eight weights in lanes of 16 bits. */
// @ts-ignore: decorator
@inline
function eight(sum: v128, w: v128, d: v128, x: usize): v128 {
  sum = f32x4.add(sum, f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(w)), d), v128.load(x)));
  return f32x4.add(sum, f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(w)), d), v128.load(x, 16)));
}

/** The same with a minimum. */
// @ts-ignore: decorator
@inline
function eightOver(sum: v128, w: v128, d: v128, m: v128, x: usize): v128 {
  const low = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(w)), d), m);
  sum = f32x4.add(sum, f32x4.mul(low, v128.load(x)));
  const high = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(w)), d), m);
  return f32x4.add(sum, f32x4.mul(high, v128.load(x, 16)));
}

// @ts-ignore: decorator
@inline
function finish(acc: v128, y: usize, bias: usize): void {
  store<f32>(y, bias == 0 ? total(acc) : total(acc) + load<f32>(bias));
}

/** One row of Q8_0. */
export function wide8(w: usize, blocks: i32, x: usize, masks: usize, p: usize, y: usize, bias: usize): void {
  let acc = f32x4.splat(0);
  const end = w + blocks * 34;
  for (; w < end; w += 34) {
    const d = splatHalf(w, masks);
    let sum = eight(f32x4.splat(0), v128.load8x8_s(w, 2), d, x);
    sum = eight(sum, v128.load8x8_s(w, 10), d, x + 32);
    v128.store(p, sum);
    sum = eight(sum, v128.load8x8_s(w, 18), d, x + 64);
    acc = f32x4.add(acc, eight(sum, v128.load8x8_s(w, 26), d, x + 96));
    x += 128;
  }
  finish(acc, y, bias);
}

/** One row of Q4_0. */
export function wide40(w: usize, blocks: i32, x: usize, masks: usize, p: usize, y: usize, bias: usize): void {
  let acc = f32x4.splat(0);
  const fifteen = v128.load(masks, FIFTEEN_WIDE);
  const about = i16x8.splat(8);
  const end = w + blocks * 18;
  for (; w < end; w += 18) {
    const d = splatHalf(w, masks);
    const n = v128.load8x8_u(w, 2);
    const m = v128.load8x8_u(w, 10);
    let sum = eight(f32x4.splat(0), i16x8.sub(v128.and(n, fifteen), about), d, x);
    sum = eight(sum, i16x8.sub(v128.and(m, fifteen), about), d, x + 32);
    v128.store(p, sum);
    sum = eight(sum, i16x8.sub(i16x8.shr_u(n, 4), about), d, x + 64);
    acc = f32x4.add(acc, eight(sum, i16x8.sub(i16x8.shr_u(m, 4), about), d, x + 96));
    x += 128;
  }
  finish(acc, y, bias);
}

/** One row of Q4_1. */
export function wide41(w: usize, blocks: i32, x: usize, masks: usize, p: usize, y: usize, bias: usize): void {
  let acc = f32x4.splat(0);
  const fifteen = v128.load(masks, FIFTEEN_WIDE);
  const end = w + blocks * 20;
  for (; w < end; w += 20) {
    const d = splatHalf(w, masks);
    const least = splatHalf(w + 2, masks);
    const n = v128.load8x8_u(w, 4);
    const m = v128.load8x8_u(w, 12);
    let sum = eightOver(f32x4.splat(0), v128.and(n, fifteen), d, least, x);
    sum = eightOver(sum, v128.and(m, fifteen), d, least, x + 32);
    v128.store(p, sum);
    sum = eightOver(sum, i16x8.shr_u(n, 4), d, least, x + 64);
    acc = f32x4.add(acc, eightOver(sum, i16x8.shr_u(m, 4), d, least, x + 96));
    x += 128;
  }
  finish(acc, y, bias);
}

/** One row of Q4_K, `count` blocks. */
export function wide4k(w: usize, count: i32, x: usize, masks: usize, p: usize, y: usize, bias: usize): void {
  let acc = f32x4.splat(0);
  const fifteen = v128.load(masks, FIFTEEN_WIDE);
  const end = w + count * 144;
  while (w < end) {
    sixBits(w, splatHalf(w, masks), splatLess(w + 2, masks), p);
    w += 16;
    for (let at = p; at < p + 32; at += 8) {
      let d = v128.load32_splat(at);
      let m = v128.load32_splat(at, 32);
      let sum = eightOver(f32x4.splat(0), v128.and(v128.load8x8_u(w), fifteen), d, m, x);
      sum = eightOver(sum, v128.and(v128.load8x8_u(w, 8), fifteen), d, m, x + 32);
      v128.store(p + 64, sum);
      sum = eightOver(sum, v128.and(v128.load8x8_u(w, 16), fifteen), d, m, x + 64);
      acc = f32x4.add(acc, eightOver(sum, v128.and(v128.load8x8_u(w, 24), fifteen), d, m, x + 96));
      v128.store(p + 64, acc);
      d = v128.load32_splat(at, 4);
      m = v128.load32_splat(at, 36);
      sum = eightOver(f32x4.splat(0), i16x8.shr_u(v128.load8x8_u(w), 4), d, m, x + 128);
      sum = eightOver(sum, i16x8.shr_u(v128.load8x8_u(w, 8), 4), d, m, x + 160);
      v128.store(p + 64, sum);
      sum = eightOver(sum, i16x8.shr_u(v128.load8x8_u(w, 16), 4), d, m, x + 192);
      acc = f32x4.add(acc, eightOver(sum, i16x8.shr_u(v128.load8x8_u(w, 24), 4), d, m, x + 224));
      w += 32;
      x += 256;
    }
  }
  finish(acc, y, bias);
}

/** sum and sixteen weights of Q6_K in bytes, times the scale at s. */
// @ts-ignore: decorator
@inline
function sixteen(sum: v128, v: v128, s: usize, d: v128, x: usize): v128 {
  const by = i16x8.splat(<i16>load<i8>(s));
  sum = eight(sum, i16x8.mul(i16x8.extend_low_i8x16_s(v), by), d, x);
  return eight(sum, i16x8.mul(i16x8.extend_high_i8x16_s(v), by), d, x + 32);
}

/** One row of Q6_K, `count` blocks. */
export function wide6k(w: usize, count: i32, x: usize, masks: usize, p: usize, y: usize, bias: usize): void {
  let acc = f32x4.splat(0);
  const end = w + count * 210;
  while (w < end) {
    const d = splatHalf(w + 208, masks);
    let s = w + 192;
    let h = w + 128;
    for (let n = w; n < w + 128; n += 64) {
      let sum = sixteen(f32x4.splat(0), six(v128.load(n), i16x8.shl(v128.load(h), 4), masks), s, d, x);
      v128.store(p, sum);
      sum = sixteen(sum, six(v128.load(n, 16), i16x8.shl(v128.load(h, 16), 4), masks), s + 1, d, x + 64);
      acc = f32x4.add(acc, sum);
      v128.store(p, acc);
      sum = sixteen(f32x4.splat(0), six(v128.load(n, 32), i16x8.shl(v128.load(h), 2), masks), s + 2, d, x + 128);
      v128.store(p, sum);
      sum = sixteen(sum, six(v128.load(n, 48), i16x8.shl(v128.load(h, 16), 2), masks), s + 3, d, x + 192);
      acc = f32x4.add(acc, sum);
      v128.store(p, acc);
      sum = sixteen(f32x4.splat(0), six(i16x8.shr_u(v128.load(n), 4), v128.load(h), masks), s + 4, d, x + 256);
      v128.store(p, sum);
      sum = sixteen(sum, six(i16x8.shr_u(v128.load(n, 16), 4), v128.load(h, 16), masks), s + 5, d, x + 320);
      acc = f32x4.add(acc, sum);
      v128.store(p, acc);
      sum = sixteen(f32x4.splat(0), six(i16x8.shr_u(v128.load(n, 32), 4), i16x8.shr_u(v128.load(h), 2), masks), s + 6, d, x + 384);
      v128.store(p, sum);
      sum = sixteen(sum, six(i16x8.shr_u(v128.load(n, 48), 4), i16x8.shr_u(v128.load(h, 16), 2), masks), s + 7, d, x + 448);
      acc = f32x4.add(acc, sum);
      s += 8;
      h += 32;
      x += 512;
    }
    w += 210;
  }
  finish(acc, y, bias);
}
