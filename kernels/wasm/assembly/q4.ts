/**
 * linear with weights in Q4_0 or Q4_1 and activations in integers:
 *
 *   y[t o] = sum_b dw[o b] dx[t b] (sum_i w[o b i] q[t b i]) + bias[o]  (+ sum_b m[o b] s[t b] in Q4_1)
 *
 * layout   Q4_0: 18 bytes a block of 32: f16 d | u8 n[16], w = n - 8; Q4_1: 20 bytes: f16 d | f16 m | u8 n[16], w = n.
 *          The low halves of n are w[0..15], the high halves w[16..31]. q, dx and s as in activations.ts
 * numbers  as q8_0.ts, whose order of sums is kept: a single token multiplies the halves as they lie, more tokens meet
 *          rows unpacked to Q8_0's blocks. Q4_1's minimums are added last, as minimums.ts says.
 * source   ggml: ggml_vec_dot_q4_0_q8_0, ggml_vec_dot_q4_1_q8_1
 */
import { half } from "./half";
import { minimums } from "./minimums";
import { put, several } from "./q8_0";
import { first, group } from "./share";

const BYTES: usize = 34;

// @ts-ignore: decorator
@inline
function low(n: v128, about: v128): v128 {
  return i8x16.sub(v128.and(n, i8x16.splat(15)), about);
}

// @ts-ignore: decorator
@inline
function high(n: v128, about: v128): v128 {
  return i8x16.sub(i8x16.shr_u(n, 4), about);
}

/** One row against one token. `nibbles`: where a block's are, behind its scale; `zero`: the value that stands for 0. */
// @ts-ignore: decorator
@inline
function one(w: usize, block: usize, nibbles: usize, zero: i8, q: usize, d: usize, blocks: i32): v128 {
  const about = i8x16.splat(zero);
  let acc = f32x4.splat(0);
  for (let b = 0; b < blocks; b++) {
    const n = v128.load(w + nibbles);
    const l = low(n, about);
    const h = high(n, about);
    const s0 = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(l), v128.load(q));
    const s1 = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(l), v128.load(q, 16));
    const s2 = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(h), v128.load(q, 32));
    const s3 = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(h), v128.load(q, 48));
    const p = f32x4.convert_i32x4_s(i32x4.add(i32x4.add(s0, s1), i32x4.add(s2, s3)));
    acc = f32x4.add(acc, f32x4.mul(p, f32x4.splat(half(w) * load<f32>(d))));
    w += block;
    q += 64;
    d += 4;
  }
  return acc;
}

/** `count` blocks as Q8_0's: the scale as it is, each half a byte of its own. */
// @ts-ignore: decorator
@inline
function unpack(w: usize, block: usize, nibbles: usize, zero: i8, count: i32, into: usize): void {
  const about = i8x16.splat(zero);
  for (let b = 0; b < count; b++) {
    const n = v128.load(w + nibbles);
    store<u16>(into, load<u16>(w));
    v128.store(into, low(n, about), 2);
    v128.store(into, high(n, about), 18);
    w += block;
    into += BYTES;
  }
}

/** The minimums of `count` blocks of Q4_1, as float32. */
function widenMinimums(w: usize, count: i32, into: usize): void {
  for (let b = 0; b < count; b++) store<f32>(into + b * 4, half(w + b * 20 + 2));
}

export function linear_q4_0(
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
): void {
  const blocks = I / 32;
  const row = <usize>blocks * 18;
  const most = group(blocks);
  const dw = scratch + <usize>thread * blocks * most * (BYTES + 4);
  const bytes = dw + blocks * most * 4;
  const end = first(O, 4, thread + 1, threads);
  let o = first(O, 4, thread, threads);
  while (T > 1 && o + 4 <= end) {
    const rows = min(most, (end - o) & ~3);
    unpack(W + o * row, 18, 2, 8, rows * blocks, bytes);
    several(rows, bytes, dw, q, d, T, blocks, y, stride, bias, o);
    o += rows;
  }
  for (; o < end; o++) {
    for (let t = 0; t < T; t++) {
      put(y + t * stride * 4, bias, o, one(W + o * row, 18, 2, 8, q + t * blocks * 64, d + t * blocks * 4, blocks));
    }
  }
}

export function linear_q4_1(
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
): void {
  const blocks = I / 32;
  const row = <usize>blocks * 20;
  const most = group(blocks);
  const dw = scratch + <usize>thread * blocks * most * (BYTES + 8);
  const m = dw + blocks * most * 4;
  const bytes = m + blocks * most * 4;
  const end = first(O, 4, thread + 1, threads);
  let o = first(O, 4, thread, threads);
  while (T > 1 && o + 4 <= end) {
    const rows = min(most, (end - o) & ~3);
    unpack(W + o * row, 20, 4, 0, rows * blocks, bytes);
    several(rows, bytes, dw, q, d, T, blocks, y, stride, bias, o);
    widenMinimums(W + o * row, rows * blocks, m);
    minimums(m, rows, s, T, blocks, y + o * 4, stride);
    o += rows;
  }
  for (; o < end; o++) {
    for (let t = 0; t < T; t++) {
      put(y + t * stride * 4, bias, o, one(W + o * row, 20, 4, 0, q + t * blocks * 64, d + t * blocks * 4, blocks));
    }
    widenMinimums(W + o * row, blocks, m);
    minimums(m, 1, s, T, blocks, y + o * 4, stride);
  }
}
