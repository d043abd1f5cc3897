/**
 * linear with weights in Q4_0 or Q4_1 and activations in integers:
 *
 *   y[t o] = sum_b dw[o b] dx[t b] (sum_i w[o b i] q[t b i]) + bias[o]  (+ sum_b m[o b] s[t b] in Q4_1)
 *
 * layout   Q4_0: 18 bytes a block of 32: f16 d | u8 n[16], w = n - 8; Q4_1: 20 bytes: f16 d | f16 m | u8 n[16], w = n.
 *          The low halves of n are w[0..15], the high halves w[16..31]. q, dx, s and starts as in activations.ts (nibbles)
 * numbers  the sum over a block is exact in i32: in Q4_0 it is that of n q and begins from -8 sum q. Sixteen bits of n hold
 *          four weights, which are of places 2 j, 16 + 2 j, 2 j + 1 and 17 + 2 j: so lane j of the four has the products of
 *          2 j and 2 j + 1 of those eights. From there on as q8_0.ts. Q4_1's minimums are added last, as minimums.ts says.
 * source   ggml: ggml_vec_dot_q4_0_q8_0, ggml_vec_dot_q4_1_q8_1
 *
 *   1  one row against one token, halves widened from bytes: 22 instructions a block before its scale
 *   2  sixteen bits hold four weights: three masks and three shifts make them lanes of 16 bits
 *   3  two rows that follow each other against one token, scales laid out before
 *   4  several tokens: rows unpacked to Q8_0's blocks, in the order of q
 */
import { fourHalves, half, scales, upperHalves } from "./half";
import { minimums } from "./minimums";
import { one, put, several, total } from "./q8_0";
import { first, group } from "./share";

const BYTES: usize = 34;

/** Bytes of a block; those before its halves are the scale, and in Q4_1 the minimum. */
const Q4_0: usize = 18;
const Q4_1: usize = 20;

/** The four lanes of a block's product: halves n, activations in a0..a3, from what the sums begin. */
// @ts-ignore: decorator
@inline
function dot(n: v128, a0: v128, a1: v128, a2: v128, a3: v128, from: v128): v128 {
  const fifteen = i16x8.splat(15);
  const s0 = i32x4.dot_i16x8_s(v128.and(n, fifteen), a0);
  const s1 = i32x4.dot_i16x8_s(v128.and(i16x8.shr_u(n, 8), fifteen), a1);
  const s2 = i32x4.dot_i16x8_s(v128.and(i16x8.shr_u(n, 4), fifteen), a2);
  const s3 = i32x4.dot_i16x8_s(i16x8.shr_u(n, 12), a3);
  const sum = i32x4.add(i32x4.add(s0, s1), i32x4.add(s2, s3));
  return f32x4.convert_i32x4_s(i32x4.add(sum, from));
}

/** As scales() of half.ts for one row of Q4_1; returns the sum of its minimums. */
// @ts-ignore: decorator
@inline
function lifts(w: usize, d: usize, sums: usize, blocks: i32, s: usize): f32 {
  let acc = f32x4.splat(0);
  const end = d + (blocks & ~3) * 4;
  const last = d + blocks * 4;
  for (; d < end; d += 16) {
    let both = v128.load32_zero(w);
    both = v128.load32_lane(w + Q4_1, both, 1);
    both = v128.load32_lane(w + 2 * Q4_1, both, 2);
    both = v128.load32_lane(w + 3 * Q4_1, both, 3);
    v128.store(s, f32x4.mul(upperHalves(i32x4.shl(both, 16)), v128.load(d)));
    acc = f32x4.add(acc, f32x4.mul(upperHalves(both), v128.load(sums)));
    w += 4 * Q4_1;
    s += 16;
    sums += 16;
  }
  let sum = total(acc);
  for (; d < last; d += 4) {
    store<f32>(s, half(w) * load<f32>(d));
    sum += half(w + 2) * load<f32>(sums);
    w += Q4_1;
    s += 4;
    sums += 4;
  }
  return sum;
}

/** Two rows of blocks of `bytes` against one token. `s`: room for the scales of both. */
// @ts-ignore: decorator
@inline
function two(w: usize, bytes: usize, q: usize, d: usize, n: usize, sums: usize, s: usize, blocks: i32, y: usize, bias: usize, o: i32): void {
  let acc0 = f32x4.splat(0);
  let acc1 = f32x4.splat(0);
  let w1 = w + <usize>blocks * bytes;
  let s1 = s + blocks * 4;
  const end = s1;
  let low0: f32 = 0;
  let low1: f32 = 0;
  if (bytes == Q4_0) {
    scales(w, bytes, d, blocks, s);
    scales(w1, bytes, d, blocks, s1);
  } else {
    low0 = lifts(w, d, sums, blocks, s);
    low1 = lifts(w1, d, sums, blocks, s1);
  }
  while (s < end) {
    const a0 = v128.load(q);
    const a1 = v128.load(q, 16);
    const a2 = v128.load(q, 32);
    const a3 = v128.load(q, 48);
    const from = bytes == Q4_0 ? v128.load(n) : i32x4.splat(0);
    const p0 = dot(v128.load(w + (bytes - 16)), a0, a1, a2, a3, from);
    acc0 = f32x4.add(acc0, f32x4.mul(p0, v128.load32_splat(s)));
    const p1 = dot(v128.load(w1 + (bytes - 16)), a0, a1, a2, a3, from);
    acc1 = f32x4.add(acc1, f32x4.mul(p1, v128.load32_splat(s1)));
    w += bytes;
    w1 += bytes;
    q += 64;
    s += 4;
    s1 += 4;
    if (bytes == Q4_0) n += 16;
  }
  put(y, bias, o, acc0);
  put(y, bias, o + 1, acc1);
  if (bytes == Q4_0) return;
  store<f32>(y + o * 4, load<f32>(y + o * 4) + low0);
  store<f32>(y + o * 4 + 4, load<f32>(y + o * 4 + 4) + low1);
}

/** Half bytes less `zero`, those of even places first. */
// @ts-ignore: decorator
@inline
function parted(n: v128, zero: i8): v128 {
  const w = i8x16.sub(n, i8x16.splat(zero));
  return v128.shuffle<i8>(w, w, 0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
}

/** `count` blocks as Q8_0's, in the order of q: the scale as it is, each half a byte of its own. */
// @ts-ignore: decorator
@inline
function unpack(w: usize, bytes: usize, count: i32, into: usize): void {
  const zero: i8 = bytes == Q4_0 ? 8 : 0;
  for (let b = 0; b < count; b++) {
    const n = v128.load(w + (bytes - 16));
    store<u16>(into, load<u16>(w));
    v128.store(into, parted(v128.and(n, i8x16.splat(15)), zero), 2);
    v128.store(into, parted(i8x16.shr_u(n, 4), zero), 18);
    w += bytes;
    into += BYTES;
  }
}

/** The minimums of `count` blocks of Q4_1, as float32. */
function widenMinimums(w: usize, count: i32, into: usize): void {
  for (let b = 0; b < count; b++) store<f32>(into + b * 4, half(w + b * Q4_1 + 2));
}

/** Both formats. `scratch` has room for 42 bytes a block of a group a thread. */
// @ts-ignore: decorator
@inline
function linear(
  bytes: usize,
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
  n: usize,
): void {
  const blocks = I / 32;
  const row = <usize>blocks * bytes;
  const most = group(blocks);
  const dw = scratch + <usize>thread * blocks * most * (BYTES + 8);
  const m = dw + blocks * most * 4;
  const wide = m + blocks * most * 4;
  const end = first(O, 4, thread + 1, threads);
  let o = first(O, 4, thread, threads);
  if (T == 1) for (; o + 2 <= end; o += 2) two(W + o * row, bytes, q, d, n, s, dw, blocks, y, bias, o);
  while (o < end) {
    const rows = o + 4 <= end ? min(most, (end - o) & ~3) : 1;
    unpack(W + o * row, bytes, rows * blocks, wide);
    if (rows > 1) several(rows, wide, dw, q, d, T, blocks, y, stride, bias, o);
    else for (let t = 0; t < T; t++) put(y + t * stride * 4, bias, o, one(wide, q + t * blocks * 64, d + t * blocks * 4, blocks));
    if (bytes == Q4_1) {
      widenMinimums(W + o * row, rows * blocks, m);
      minimums(m, rows, s, T, blocks, y + o * 4, stride);
    }
    o += rows;
  }
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
  s: usize,
  n: usize,
): void {
  linear(Q4_0, thread, threads, q, d, W, bias, y, T, I, O, stride, scratch, s, n);
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
  n: usize,
): void {
  linear(Q4_1, thread, threads, q, d, W, bias, y, T, I, O, stride, scratch, s, n);
}
