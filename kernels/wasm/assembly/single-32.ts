/**
 * Q5_0, Q5_1, IQ4_NL and IQ4_XS against one token, multiplied as they are read: the very sums of unpacked.ts, which says what
 * q, d and s are.
 *
 * layout   blocks as src/quant has them, of 32 or in IQ4_XS of 256: 16 bytes with the low halves of 16 weights and the high ones
 *          of the next 16
 * numbers  as single-k.ts
 *
 *   1  a fifth bit that is not set puts 15 in the place of the upper four: 16 less, as Q5_0 has it
 */
import { half } from "./half";
import { minimums } from "./minimums";
import {
  CONSTANTS,
  FIFTEEN,
  FIRST_BYTES,
  laneSum,
  LAST_BYTES,
  PLACES,
  plus,
  SIXTEEN,
  splatHalf,
  STEPS,
  TOP,
} from "./single-parts";
import { total } from "./sums";

/** Where the bits of h, four bytes over and over, are set: all ones. `which`: the byte of each place. */
// @ts-ignore: decorator
@inline
function bitsOf(h: v128, which: v128, places: v128): v128 {
  return i8x16.eq(v128.and(i8x16.swizzle(h, which), places), places);
}

// @ts-ignore: decorator
@inline
function put(acc: v128, y: usize, bias: usize): void {
  store<f32>(y, bias == 0 ? total(acc) : total(acc) + load<f32>(bias));
}

/** One row of Q5_0. */
export function single50(w: usize, blocks: i32, q: usize, d: usize, masks: usize, y: usize, bias: usize): void {
  let acc = f32x4.splat(0);
  const end = w + blocks * 22;
  const fifteen = v128.load(masks, FIFTEEN);
  const places = v128.load(masks, PLACES);
  const top = v128.load(masks, TOP);
  const from = v128.load(masks, FIRST_BYTES);
  const to = v128.load(masks, LAST_BYTES);
  for (; w < end; w += 22) {
    const h = v128.load32_splat(w, 2);
    const n = v128.load(w, 6);
    const a = v128.or(v128.and(n, fifteen), v128.andnot(top, bitsOf(h, from, places)));
    const c = v128.or(v128.and(i16x8.shr_u(n, 4), fifteen), v128.andnot(top, bitsOf(h, to, places)));
    acc = plus(acc, laneSum(a, c, q), f32x4.mul(splatHalf(w, masks), v128.load32_splat(d)));
    q += 64;
    d += 4;
  }
  put(acc, y, bias);
}

/** One row of Q5_1. Its minimums are laid aside, and added last. */
export function single51(w: usize, blocks: i32, q: usize, d: usize, s: usize, masks: usize, y: usize, bias: usize): void {
  let acc = f32x4.splat(0);
  const end = w + blocks * 24;
  const fifteen = v128.load(masks, FIFTEEN);
  const places = v128.load(masks, PLACES);
  const sixteen = v128.load(masks, SIXTEEN);
  const from = v128.load(masks, FIRST_BYTES);
  const to = v128.load(masks, LAST_BYTES);
  let m = masks + CONSTANTS;
  for (; w < end; w += 24) {
    const h = v128.load32_splat(w, 4);
    const n = v128.load(w, 8);
    const a = v128.or(v128.and(n, fifteen), v128.and(sixteen, bitsOf(h, from, places)));
    const c = v128.or(v128.and(i16x8.shr_u(n, 4), fifteen), v128.and(sixteen, bitsOf(h, to, places)));
    acc = plus(acc, laneSum(a, c, q), f32x4.mul(splatHalf(w, masks), v128.load32_splat(d)));
    v128.store32_lane(m, splatHalf(w + 2, masks), 0);
    q += 64;
    d += 4;
    m += 4;
  }
  put(acc, y, bias);
  minimums(masks + CONSTANTS, 1, s, 1, blocks, y, 0);
}

/** The lanes of 32 weights of the table's steps at n, against the activations at q. */
// @ts-ignore: decorator
@inline
function stepSum(n: v128, steps: v128, fifteen: v128, q: usize): v128 {
  const a = i8x16.swizzle(steps, v128.and(n, fifteen));
  return laneSum(a, i8x16.swizzle(steps, v128.and(i16x8.shr_u(n, 4), fifteen)), q);
}

/** One row of IQ4_NL. */
export function iq4_nl(w: usize, blocks: i32, q: usize, d: usize, masks: usize, y: usize, bias: usize): void {
  let acc = f32x4.splat(0);
  const end = w + blocks * 18;
  const fifteen = v128.load(masks, FIFTEEN);
  const steps = v128.load(masks, STEPS);
  for (; w < end; w += 18) {
    const by = f32x4.mul(splatHalf(w, masks), v128.load32_splat(d));
    acc = plus(acc, stepSum(v128.load(w, 2), steps, fifteen, q), by);
    q += 64;
    d += 4;
  }
  put(acc, y, bias);
}

/** The scale of the g-th 32 of a block: six bits less 32, four in the halves of bytes l and two in h. */
// @ts-ignore: decorator
@inline
function scaleXs(d: f32, l: i32, h: i32, g: i32): f32 {
  return d * <f32>((((l >> (4 * g)) & 15) | (((h >> (2 * g)) & 3) << 4)) - 32);
}

/** One row of IQ4_XS, `count` blocks. */
export function iq4_xs(w: usize, count: i32, q: usize, d: usize, masks: usize, y: usize, bias: usize): void {
  let acc = f32x4.splat(0);
  const end = w + count * 136;
  const fifteen = v128.load(masks, FIFTEEN);
  const steps = v128.load(masks, STEPS);
  for (; w < end; w += 136) {
    const dw = half(w);
    const h = <i32>load<u16>(w, 2);
    const l = load<i32>(w, 4);
    for (let g = 0; g < 8; g++) {
      const by = f32x4.splat(scaleXs(dw, l, h, g) * load<f32>(d));
      acc = plus(acc, stepSum(v128.load(w + 16 * g, 8), steps, fifteen, q), by);
      q += 64;
      d += 4;
    }
  }
  put(acc, y, bias);
}
