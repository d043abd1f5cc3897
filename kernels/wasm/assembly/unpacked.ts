/**
 * linear with weights in any block format, unpacked a row or a group of rows at a time into the thread's scratch:
 *
 *   y[t o] = sum_b dw[o b] dx[t b] (sum_i w[o b i] q[t b i]) + bias[o] + sum_b m[o b] s[t b]     activations in integers
 *   y[t o] = sum_i (dw[o b] w[o b i] + m[o b]) x[t i] + bias[o]                                   activations as they are
 *
 * layout   w, dw, m as unpack.ts has them; q, dx, s as activations.ts
 * numbers  integers: the sum over a block is exact in i32, in four lanes, which become float32; times both scales they are
 *          added block after block, then the four lanes; minimums last, as minimums.ts says; |w| <= 4096, so eight products of a lane are
 *          below 2^31. Activations as they are: weights are the format's own values to the bit, sums as in floats.ts.
 *
 *   1  one row against one token
 *   2  two rows against two tokens, a group of rows unpacked once for all
 *   3  a token alone: as the rows are read (single.ts), the same sums
 */
import { oneF32, severalF32 } from "./floats";
import { minimums } from "./minimums";
import { put } from "./sums";
import { first, group } from "./share";
import { hasSingle, hasWide, single, wide as wideRows } from "./single";
import { minimumsOf, sizeOf, unpack } from "./unpack";
import { divided } from "./unpack-grouped";

// @ts-ignore: decorator
@inline
function block(w: usize, q: usize): v128 {
  const s0 = i32x4.dot_i16x8_s(v128.load(w), v128.load(q));
  const s1 = i32x4.dot_i16x8_s(v128.load(w, 16), v128.load(q, 16));
  const s2 = i32x4.dot_i16x8_s(v128.load(w, 32), v128.load(q, 32));
  const s3 = i32x4.dot_i16x8_s(v128.load(w, 48), v128.load(q, 48));
  return f32x4.convert_i32x4_s(i32x4.add(i32x4.add(s0, s1), i32x4.add(s2, s3)));
}

function one(w: usize, dw: usize, q: usize, d: usize, blocks: i32): v128 {
  let acc = f32x4.splat(0);
  for (let b = 0; b < blocks; b++) {
    acc = f32x4.add(acc, f32x4.mul(block(w, q), f32x4.splat(load<f32>(dw) * load<f32>(d))));
    w += 64;
    q += 64;
    dw += 4;
    d += 4;
  }
  return acc;
}

function twoByTwo(w: usize, dw: usize, q: usize, d: usize, blocks: i32, y: usize, stride: i32, bias: usize, o: i32): void {
  let acc00 = f32x4.splat(0);
  let acc01 = f32x4.splat(0);
  let acc10 = f32x4.splat(0);
  let acc11 = f32x4.splat(0);
  const next: usize = blocks * 4;
  let w1 = w + blocks * 64;
  let q1 = q + blocks * 64;
  for (let b = 0; b < blocks; b++) {
    let s00 = i32x4.splat(0);
    let s01 = i32x4.splat(0);
    let s10 = i32x4.splat(0);
    let s11 = i32x4.splat(0);
    for (let i: usize = 0; i < 64; i += 32) {
      let r0 = v128.load(w + i);
      let r1 = v128.load(w1 + i);
      let t0 = v128.load(q + i);
      let t1 = v128.load(q1 + i);
      s00 = i32x4.add(s00, i32x4.dot_i16x8_s(r0, t0));
      s01 = i32x4.add(s01, i32x4.dot_i16x8_s(r0, t1));
      s10 = i32x4.add(s10, i32x4.dot_i16x8_s(r1, t0));
      s11 = i32x4.add(s11, i32x4.dot_i16x8_s(r1, t1));
      r0 = v128.load(w + i, 16);
      r1 = v128.load(w1 + i, 16);
      t0 = v128.load(q + i, 16);
      t1 = v128.load(q1 + i, 16);
      s00 = i32x4.add(s00, i32x4.dot_i16x8_s(r0, t0));
      s01 = i32x4.add(s01, i32x4.dot_i16x8_s(r0, t1));
      s10 = i32x4.add(s10, i32x4.dot_i16x8_s(r1, t0));
      s11 = i32x4.add(s11, i32x4.dot_i16x8_s(r1, t1));
    }
    const dw0 = v128.load32_splat(dw);
    const dw1 = v128.load32_splat(dw + next);
    const dx0 = v128.load32_splat(d);
    const dx1 = v128.load32_splat(d + next);
    acc00 = f32x4.add(acc00, f32x4.mul(f32x4.convert_i32x4_s(s00), f32x4.mul(dw0, dx0)));
    acc01 = f32x4.add(acc01, f32x4.mul(f32x4.convert_i32x4_s(s01), f32x4.mul(dw0, dx1)));
    acc10 = f32x4.add(acc10, f32x4.mul(f32x4.convert_i32x4_s(s10), f32x4.mul(dw1, dx0)));
    acc11 = f32x4.add(acc11, f32x4.mul(f32x4.convert_i32x4_s(s11), f32x4.mul(dw1, dx1)));
    w += 64;
    w1 += 64;
    q += 64;
    q1 += 64;
    dw += 4;
    d += 4;
  }
  put(y, bias, o, acc00);
  put(y + stride * 4, bias, o, acc01);
  put(y, bias, o + 1, acc10);
  put(y + stride * 4, bias, o + 1, acc11);
}

/** Activations in integers. `format` is unpack.ts's number; `scratch` has room for 76 bytes a block of a group a thread. */
export function linear_unpacked(
  thread: i32,
  threads: i32,
  q: usize,
  d: usize,
  W: usize,
  bias: usize,
  y: usize,
  T: i32,
  I: i32,
  O: i32,
  stride: i32,
  scratch: usize,
  s: usize,
  starts: usize,
  format: i32,
): void {
  const blocks = I / 32;
  const row = sizeOf(format, blocks);
  const scales: usize = blocks * 4;
  const most = group(blocks);
  const w = scratch + <usize>thread * most * 19 * scales;
  const lifts = minimumsOf(format);
  const dw = w + most * 16 * scales;
  const m = dw + most * scales;
  const end = first(O, 4, thread + 1, threads);
  let o = first(O, 4, thread, threads);
  if (T == 1 && hasSingle(format)) {
    single(format, o, end, q, d, s, W, bias, y, blocks, w);
    return;
  }
  while (o < end) {
    const rows = T > 1 && o + 4 <= end ? min(most, (end - o) & ~3) : 1;
    unpack(format, W + o * row, rows * blocks, w, dw, m);
    let t = 0;
    if (rows > 1) {
      for (; t + 2 <= T; t += 2) {
        const x = q + t * blocks * 64;
        const dx = d + t * scales;
        const at = y + t * stride * 4;
        for (let r = 0; r < rows; r += 2) {
          twoByTwo(w + r * 16 * scales, dw + r * scales, x, dx, blocks, at, stride, bias, o + r);
        }
      }
    }
    for (; t < T; t++) {
      for (let r = 0; r < rows; r++) {
        const acc = one(w + r * 16 * scales, dw + r * scales, q + t * blocks * 64, d + t * scales, blocks);
        put(y + t * stride * 4, bias, o + r, acc);
      }
    }
    if (lifts > 0) minimums(m, rows, s, T, lifts * blocks, y + o * 4, stride);
    o += rows;
  }
}

/** Unpacked rows as float32. `lifts`: how many minimums there are for each 32 values. */
function widen(w: usize, dw: usize, m: usize, lifts: i32, blocks: i32, into: usize): void {
  for (let b = 0; b < blocks; b++) {
    const d = v128.load32_splat(dw + b * 4);
    for (let i: usize = 0; i < 64; i += 8) {
      const v = f32x4.mul(f32x4.convert_i32x4_s(v128.load16x4_s(w + i)), d);
      if (lifts == 0) v128.store(into + 2 * i, v);
      else v128.store(into + 2 * i, f32x4.add(v, v128.load32_splat(m + (lifts == 1 ? b : 2 * b + (i >> 5)) * 4)));
    }
    w += 64;
    into += 128;
  }
}

/** Unpacked rows of quotients, w m / 127, as float32: in float64, and rounded once. */
function divide(w: usize, m: usize, blocks: i32, into: usize): void {
  const by = f64x2.splat(127);
  for (let b = 0; b < blocks; b++) {
    const s = f64x2.promote_low_f32x4(v128.load32_splat(m + b * 4));
    for (let i: usize = 0; i < 64; i += 4) {
      const q = f64x2.convert_low_i32x4_s(i32x4.extend_low_i16x8_s(v128.load32_zero(w + i)));
      v128.store64_lane(into + 2 * i, f32x4.demote_f64x2_zero(f64x2.div(f64x2.mul(q, s), by)), 0);
    }
    w += 64;
    into += 128;
  }
}

/** Activations as they are. `scratch` has room for 204 bytes a block of a group a thread. */
export function linear_widened(
  thread: i32,
  threads: i32,
  x: usize,
  d: usize,
  W: usize,
  bias: usize,
  y: usize,
  T: i32,
  I: i32,
  O: i32,
  stride: i32,
  scratch: usize,
  s: usize,
  starts: usize,
  format: i32,
): void {
  const blocks = I / 32;
  const row = sizeOf(format, blocks);
  const scales: usize = blocks * 4;
  const most = group(blocks);
  const wide = scratch + <usize>thread * most * 51 * scales;
  const w = wide + most * 32 * scales;
  const dw = w + most * 16 * scales;
  const m = dw + most * scales;
  const lifts = minimumsOf(format);
  const end = first(O, 4, thread + 1, threads);
  let o = first(O, 4, thread, threads);
  if (T == 1 && hasWide(format)) {
    wideRows(format, o, end, x, W, bias, y, blocks, wide);
    return;
  }
  while (o < end) {
    const rows = T > 1 && o + 4 <= end ? min(most, (end - o) & ~3) : 1;
    unpack(format, W + o * row, rows * blocks, w, dw, m);
    if (divided(format)) divide(w, m, rows * blocks, wide);
    else widen(w, dw, m, lifts, rows * blocks, wide);
    if (rows > 1) severalF32(rows, wide, x, T, I, y, stride, bias, o);
    else for (let t = 0; t < T; t++) oneF32(wide, x + t * I * 4, I, y + t * stride * 4, bias, o);
    o += rows;
  }
}
