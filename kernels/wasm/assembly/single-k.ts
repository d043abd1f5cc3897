/**
 * Q4_K and Q6_K against one token, multiplied as they are read: the very sums of unpacked.ts, which says what q, d and s are.
 *
 * layout   blocks of 256 as src/quant has them
 * numbers  the sum over 32 weights is exact in four lanes of i32, in Q6_K that of each 16 times their scale, below 2^30.
 *          Lanes, scales, blocks and minimums are added as unpacked.ts says.
 *
 *   1  halves of bytes in lanes of 16 bits: a mask for the low ones, a shift for the high ones
 *   2  six bits are put together in bytes, and then become 16
 *   3  lanes are stored that nobody reads: V8 of Node 20 makes all loads of a straight piece of code first, and then has no
 *      registers for them, unless something is stored between
 */
import { CONSTANTS, FIFTEEN_WIDE, plus, six, sixBits, sixteen, splatHalf, splatLess } from "./single-parts";
import { total } from "./sums";

/** One lane four times. */
// @ts-ignore: decorator
@inline
function all0(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 0, 0, 0, 0);
}

// @ts-ignore: decorator
@inline
function all1(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 1, 1, 1, 1);
}

// @ts-ignore: decorator
@inline
function all2(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 2, 2, 2, 2);
}

// @ts-ignore: decorator
@inline
function all3(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 3, 3, 3, 3);
}

/** 32 weights in lanes of 16 bits against the activations at q. */
// @ts-ignore: decorator
@inline
function lanes(w0: v128, w1: v128, w2: v128, w3: v128, q: usize): v128 {
  const low = i32x4.add(i32x4.dot_i16x8_s(w0, v128.load(q)), i32x4.dot_i16x8_s(w1, v128.load(q, 16)));
  const high = i32x4.add(i32x4.dot_i16x8_s(w2, v128.load(q, 32)), i32x4.dot_i16x8_s(w3, v128.load(q, 48)));
  return i32x4.add(low, high);
}

/** acc and 64 weights of Q4_K at w, times the two scales at `by`; `p` is for what is stored in vain. */
// @ts-ignore: decorator
@inline
function pair4(acc: v128, w: usize, q: usize, fifteen: v128, by: usize, p: usize): v128 {
  const n0 = v128.load8x8_u(w);
  const n1 = v128.load8x8_u(w, 8);
  const n2 = v128.load8x8_u(w, 16);
  const n3 = v128.load8x8_u(w, 24);
  const low = lanes(v128.and(n0, fifteen), v128.and(n1, fifteen), v128.and(n2, fifteen), v128.and(n3, fifteen), q);
  v128.store(p, low);
  const high = lanes(i16x8.shr_u(n0, 4), i16x8.shr_u(n1, 4), i16x8.shr_u(n2, 4), i16x8.shr_u(n3, 4), q + 64);
  acc = plus(acc, low, v128.load32_splat(by));
  return plus(acc, high, v128.load32_splat(by, 4));
}

/** One row of Q4_K, `count` blocks, into y. */
export function single4(w: usize, count: i32, q: usize, d: usize, s: usize, masks: usize, y: usize, bias: usize): void {
  let acc = f32x4.splat(0);
  let least = f32x4.splat(0);
  const end = w + count * 144;
  const fifteen = v128.load(masks, FIFTEEN_WIDE);
  const scales = masks + CONSTANTS;
  while (w < end) {
    sixBits(w, splatHalf(w, masks), splatLess(w + 2, masks), scales);
    least = f32x4.add(least, f32x4.mul(v128.load(scales, 32), v128.load(s)));
    least = f32x4.add(least, f32x4.mul(v128.load(scales, 48), v128.load(s, 16)));
    v128.store(scales, f32x4.mul(v128.load(scales), v128.load(d)));
    v128.store(scales, f32x4.mul(v128.load(scales, 16), v128.load(d, 16)), 16);
    w += 16;
    for (let at = scales; at < scales + 32; at += 8) {
      acc = pair4(acc, w, q, fifteen, at, scales + 32);
      w += 32;
      q += 128;
    }
    d += 32;
    s += 32;
  }
  store<f32>(y, (bias == 0 ? total(acc) : total(acc) + load<f32>(bias)) + total(least));
}

/** acc and half of a block of Q6_K, 128 weights, whose scales are at s. */
// @ts-ignore: decorator
@inline
function half6(acc: v128, w: usize, h: usize, s: usize, q: usize, masks: usize, by: v128): v128 {
  const p = masks + CONSTANTS;
  const ss = v128.load8x8_s(s);
  const l = i32x4.extend_low_i16x8_s(ss);
  const u = i32x4.extend_high_i16x8_s(ss);
  const n = v128.load(w);
  const o = v128.load(w, 16);
  const t = v128.load(h);
  const v = v128.load(h, 16);
  let a = i32x4.mul(sixteen(six(n, i16x8.shl(t, 4), masks), q), all0(l));
  a = i32x4.add(a, i32x4.mul(sixteen(six(o, i16x8.shl(v, 4), masks), q + 32), all1(l)));
  v128.store(p, a);
  acc = plus(acc, a, all0(by));
  const m = v128.load(w, 32);
  const k = v128.load(w, 48);
  let b = i32x4.mul(sixteen(six(m, i16x8.shl(t, 2), masks), q + 64), all2(l));
  b = i32x4.add(b, i32x4.mul(sixteen(six(k, i16x8.shl(v, 2), masks), q + 96), all3(l)));
  v128.store(p, b);
  acc = plus(acc, b, all1(by));
  let c = i32x4.mul(sixteen(six(i16x8.shr_u(n, 4), t, masks), q + 128), all0(u));
  c = i32x4.add(c, i32x4.mul(sixteen(six(i16x8.shr_u(o, 4), v, masks), q + 160), all1(u)));
  v128.store(p, c);
  acc = plus(acc, c, all2(by));
  let e = i32x4.mul(sixteen(six(i16x8.shr_u(m, 4), i16x8.shr_u(t, 2), masks), q + 192), all2(u));
  e = i32x4.add(e, i32x4.mul(sixteen(six(i16x8.shr_u(k, 4), i16x8.shr_u(v, 2), masks), q + 224), all3(u)));
  return plus(acc, e, all3(by));
}

/** One row of Q6_K, `count` blocks, into y. */
export function single6(w: usize, count: i32, q: usize, d: usize, masks: usize, y: usize, bias: usize): void {
  let acc = f32x4.splat(0);
  const end = w + count * 210;
  while (w < end) {
    const dw = splatHalf(w + 208, masks);
    acc = half6(acc, w, w + 128, w + 192, q, masks, f32x4.mul(dw, v128.load(d)));
    acc = half6(acc, w + 64, w + 160, w + 200, q + 256, masks, f32x4.mul(dw, v128.load(d, 16)));
    w += 210;
    q += 512;
    d += 32;
  }
  store<f32>(y, bias == 0 ? total(acc) : total(acc) + load<f32>(bias));
}
