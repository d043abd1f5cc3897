/**
 * Q2_K, Q3_K and Q5_K against one token, multiplied as they are read: the very sums of unpacked.ts, which says what q, d and s
 * are.
 *
 * layout   blocks of 256 as src/quant has them; 32 weights after 32 lie in the same bytes, two or four bits further up
 * numbers  as single-k.ts; scales of 16 weights are multiplied with their lanes
 *
 *   1  bytes are shifted on from 32 weights to the next, so that the masks stay as they are
 */
import { CONSTANTS, FIFTEEN, FOUR, laneSum, plus, SIXTEEN, sixBits, splatHalf, splatLess, THREE } from "./single-parts";
import { total } from "./sums";

/** One row of Q5_K, `count` blocks, into y. */
export function single5(w: usize, count: i32, q: usize, d: usize, s: usize, masks: usize, y: usize, bias: usize): void {
  let acc = f32x4.splat(0);
  let least = f32x4.splat(0);
  const end = w + count * 176;
  const fifteen = v128.load(masks, FIFTEEN);
  const sixteen = v128.load(masks, SIXTEEN);
  const p = masks + CONSTANTS;
  while (w < end) {
    sixBits(w, splatHalf(w, masks), splatLess(w + 2, masks), p);
    least = f32x4.add(least, f32x4.mul(v128.load(p, 32), v128.load(s)));
    least = f32x4.add(least, f32x4.mul(v128.load(p, 48), v128.load(s, 16)));
    v128.store(p, f32x4.mul(v128.load(p), v128.load(d)));
    v128.store(p, f32x4.mul(v128.load(p, 16), v128.load(d, 16)), 16);
    let h0 = v128.load(w, 16);
    let h1 = v128.load(w, 32);
    w += 48;
    for (let at = p; at < p + 32; at += 8) {
      const n0 = v128.load(w);
      const n1 = v128.load(w, 16);
      const a0 = v128.or(v128.and(n0, fifteen), v128.and(i16x8.shl(h0, 4), sixteen));
      const a1 = v128.or(v128.and(n1, fifteen), v128.and(i16x8.shl(h1, 4), sixteen));
      const low = laneSum(a0, a1, q);
      v128.store(p, low, 64);
      const c0 = v128.or(v128.and(i16x8.shr_u(n0, 4), fifteen), v128.and(i16x8.shl(h0, 3), sixteen));
      const c1 = v128.or(v128.and(i16x8.shr_u(n1, 4), fifteen), v128.and(i16x8.shl(h1, 3), sixteen));
      acc = plus(acc, low, v128.load32_splat(at));
      acc = plus(acc, laneSum(c0, c1, q + 64), v128.load32_splat(at, 4));
      h0 = i16x8.shr_u(h0, 2);
      h1 = i16x8.shr_u(h1, 2);
      w += 32;
      q += 128;
    }
    d += 32;
    s += 32;
  }
  store<f32>(y, (bias == 0 ? total(acc) : total(acc) + load<f32>(bias)) + total(least));
}

/** At p sixteen whole numbers in 32 bits, from their bytes. */
// @ts-ignore: decorator
@inline
function spread(v: v128, p: usize): void {
  const low = i16x8.extend_low_i8x16_s(v);
  v128.store(p, i32x4.extend_low_i16x8_s(low));
  v128.store(p, i32x4.extend_high_i16x8_s(low), 16);
  const high = i16x8.extend_high_i8x16_s(v);
  v128.store(p, i32x4.extend_low_i16x8_s(high), 32);
  v128.store(p, i32x4.extend_high_i16x8_s(high), 48);
}

/** The lanes of twice 16 weights in signed bytes, each times its scale at `by`, a whole number. */
// @ts-ignore: decorator
@inline
function twoSums(a: v128, c: v128, q: usize, by: usize): v128 {
  const a0 = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(a), v128.load(q));
  const low = i32x4.add(a0, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(a), v128.load(q, 16)));
  const c0 = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(c), v128.load(q, 32));
  const high = i32x4.add(c0, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(c), v128.load(q, 48)));
  return i32x4.add(i32x4.mul(low, v128.load32_splat(by)), i32x4.mul(high, v128.load32_splat(by, 4)));
}

/** One row of Q2_K, `count` blocks, into y. Its minimums are of 16 weights. */
export function single2(w: usize, count: i32, q: usize, d: usize, s: usize, masks: usize, y: usize, bias: usize): void {
  let acc = f32x4.splat(0);
  let least = f32x4.splat(0);
  const end = w + count * 84;
  const three = v128.load(masks, THREE);
  const p = masks + CONSTANTS;
  for (; w < end; w += 84) {
    const scales = v128.load(w);
    const high = v128.and(i16x8.shr_u(scales, 4), v128.load(masks, FIFTEEN));
    spread(high, p);
    const dmin = splatLess(w + 82, masks);
    least = f32x4.add(least, f32x4.mul(f32x4.mul(dmin, f32x4.convert_i32x4_s(v128.load(p))), v128.load(s)));
    least = f32x4.add(least, f32x4.mul(f32x4.mul(dmin, f32x4.convert_i32x4_s(v128.load(p, 16))), v128.load(s, 16)));
    least = f32x4.add(least, f32x4.mul(f32x4.mul(dmin, f32x4.convert_i32x4_s(v128.load(p, 32))), v128.load(s, 32)));
    least = f32x4.add(least, f32x4.mul(f32x4.mul(dmin, f32x4.convert_i32x4_s(v128.load(p, 48))), v128.load(s, 48)));
    spread(v128.and(scales, v128.load(masks, FIFTEEN)), p);
    const dw = splatHalf(w + 80, masks);
    for (let by = p; by < p + 64; by += 32) {
      let n0 = v128.load(by == p ? w + 16 : w + 48);
      let n1 = v128.load(by == p ? w + 32 : w + 64);
      for (let at = by; at < by + 32; at += 8) {
        acc = plus(acc, twoSums(v128.and(n0, three), v128.and(n1, three), q, at), f32x4.mul(dw, v128.load32_splat(d)));
        n0 = i16x8.shr_u(n0, 2);
        n1 = i16x8.shr_u(n1, 2);
        q += 64;
        d += 4;
      }
    }
    s += 64;
  }
  store<f32>(y, (bias == 0 ? total(acc) : total(acc) + load<f32>(bias)) + total(least));
}

/** The sixteen scales of a block of Q3_K whose twelve bytes begin at w. */
// @ts-ignore: decorator
@inline
function scales3(w: usize): v128 {
  const a = load<u64>(w);
  const c = <u64>load<u32>(w, 8);
  const low = (a & 0x0f0f0f0f0f0f0f0f) | ((c & 0x03030303) << 4) | ((c & 0x0c0c0c0c) << 34);
  const high = ((a >> 4) & 0x0f0f0f0f0f0f0f0f) | (c & 0x30303030) | ((c & 0xc0c0c0c0) << 30);
  return i8x16.sub(i64x2.replace_lane(i64x2.splat(low), 1, high), i8x16.splat(32));
}

/** One row of Q3_K, `count` blocks, into y. */
export function single3(w: usize, count: i32, q: usize, d: usize, masks: usize, y: usize, bias: usize): void {
  let acc = f32x4.splat(0);
  const end = w + count * 110;
  const three = v128.load(masks, THREE);
  const four = v128.load(masks, FOUR);
  const p = masks + CONSTANTS;
  for (; w < end; w += 110) {
    spread(scales3(w + 96), p);
    const dw = splatHalf(w + 108, masks);
    let h0 = v128.not(v128.load(w));
    let h1 = v128.not(v128.load(w, 16));
    for (let by = p; by < p + 64; by += 32) {
      let n0 = v128.load(by == p ? w + 32 : w + 64);
      let n1 = v128.load(by == p ? w + 48 : w + 80);
      for (let at = by; at < by + 32; at += 8) {
        const a = i8x16.sub(v128.and(n0, three), v128.and(i16x8.shl(h0, 2), four));
        const c = i8x16.sub(v128.and(n1, three), v128.and(i16x8.shl(h1, 2), four));
        acc = plus(acc, twoSums(a, c, q, at), f32x4.mul(dw, v128.load32_splat(d)));
        n0 = i16x8.shr_u(n0, 2);
        n1 = i16x8.shr_u(n1, 2);
        h0 = i16x8.shr_u(h0, 1);
        h1 = i16x8.shr_u(h1, 1);
        q += 64;
        d += 4;
      }
    }
  }
  store<f32>(y, bias == 0 ? total(acc) : total(acc) + load<f32>(bias));
}
