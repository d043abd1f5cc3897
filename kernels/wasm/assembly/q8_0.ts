/**
 * linear with weights in Q8_0 and activations in integers:
 *
 *   y[t o] = sum_b dw[o b] dx[t b] (sum_i w[o b i] q[t b i]) + bias[o]
 *
 * layout   W: 34 bytes a block of 32: f16 d | i8 q[32]; q and dx as in activations.ts
 * numbers  the sum over a block is exact in i32, in four lanes, which become float32; times scales they are added block after block,
 *          then the four lanes. Every tile adds in this order, so neither threads nor the number of tokens change a bit.
 * source   ggml: ggml_vec_dot_q8_0_q8_0
 *
 *   1  one row against one token
 *   2  four rows against one token, whose integers are loaded once: less than half as fast, since four streams a kilobyte
 *      apart are not read ahead; gone
 *   3  two rows against two tokens
 *   4  the same for up to sixteen rows before the next two tokens, which are then still in the nearest cache
 *   5  two rows that follow each other against one token, their scales times dx laid out before, four at a time: what is left
 *      for a block is 21 instructions, where it was 46 (docs/kernels.md, One token)
 */
import { half, scales } from "./half";
import { first, group } from "./share";

const BLOCK: usize = 34;

/** The four lanes of one block's product: weights at w, activations in a0..a3. */
// @ts-ignore: decorator
@inline
function block(w: usize, a0: v128, a1: v128, a2: v128, a3: v128): v128 {
  const s0 = i32x4.dot_i16x8_s(v128.load8x8_s(w, 2), a0);
  const s1 = i32x4.dot_i16x8_s(v128.load8x8_s(w, 10), a1);
  const s2 = i32x4.dot_i16x8_s(v128.load8x8_s(w, 18), a2);
  const s3 = i32x4.dot_i16x8_s(v128.load8x8_s(w, 26), a3);
  return f32x4.convert_i32x4_s(i32x4.add(i32x4.add(s0, s1), i32x4.add(s2, s3)));
}

// @ts-ignore: decorator
@inline
export function total(acc: v128): f32 {
  return (
    f32x4.extract_lane(acc, 0) +
    f32x4.extract_lane(acc, 1) +
    (f32x4.extract_lane(acc, 2) + f32x4.extract_lane(acc, 3))
  );
}

// @ts-ignore: decorator
@inline
export function put(y: usize, bias: usize, o: i32, acc: v128): void {
  store<f32>(y + o * 4, bias == 0 ? total(acc) : total(acc) + load<f32>(bias + o * 4));
}

export function one(w: usize, q: usize, d: usize, blocks: i32): v128 {
  let acc = f32x4.splat(0);
  for (let b = 0; b < blocks; b++) {
    const p = block(w, v128.load(q), v128.load(q, 16), v128.load(q, 32), v128.load(q, 48));
    acc = f32x4.add(acc, f32x4.mul(p, f32x4.splat(half(w) * load<f32>(d))));
    w += BLOCK;
    q += 64;
    d += 4;
  }
  return acc;
}

/** Two rows against one token, integers loaded once. `s`: room for the scales of both. */
function two(w: usize, q: usize, d: usize, s: usize, blocks: i32, y: usize, bias: usize, o: i32): void {
  let acc0 = f32x4.splat(0);
  let acc1 = f32x4.splat(0);
  let w1 = w + blocks * BLOCK;
  let s1 = s + blocks * 4;
  const end = s1;
  scales(w, BLOCK, d, blocks, s);
  scales(w1, BLOCK, d, blocks, s1);
  while (s < end) {
    const a0 = v128.load(q);
    const a1 = v128.load(q, 16);
    const a2 = v128.load(q, 32);
    const a3 = v128.load(q, 48);
    acc0 = f32x4.add(acc0, f32x4.mul(block(w, a0, a1, a2, a3), v128.load32_splat(s)));
    acc1 = f32x4.add(acc1, f32x4.mul(block(w1, a0, a1, a2, a3), v128.load32_splat(s1)));
    w += BLOCK;
    w1 += BLOCK;
    q += 64;
    s += 4;
    s1 += 4;
  }
  put(y, bias, o, acc0);
  put(y, bias, o + 1, acc1);
}

/** The scales of `count` rows as float32, so that a tile need not convert them for every token. */
function widenScales(w: usize, count: i32, into: usize): void {
  for (let b = 0; b < count; b++) store<f32>(into + b * 4, half(w + b * BLOCK));
}

/** Two rows against two tokens: each weight and each activation is loaded for two products. `dw`: the rows' scales. */
function twoByTwo(w: usize, dw: usize, q: usize, d: usize, blocks: i32, y: usize, stride: i32, bias: usize, o: i32): void {
  let acc00 = f32x4.splat(0);
  let acc01 = f32x4.splat(0);
  let acc10 = f32x4.splat(0);
  let acc11 = f32x4.splat(0);
  const next: usize = blocks * 4;
  let w1 = w + blocks * BLOCK;
  let q1 = q + blocks * 64;
  for (let b = 0; b < blocks; b++) {
    let r0 = v128.load8x8_s(w, 2);
    let r1 = v128.load8x8_s(w1, 2);
    let t0 = v128.load(q, 0);
    let t1 = v128.load(q1, 0);
    let s00 = i32x4.dot_i16x8_s(r0, t0);
    let s01 = i32x4.dot_i16x8_s(r0, t1);
    let s10 = i32x4.dot_i16x8_s(r1, t0);
    let s11 = i32x4.dot_i16x8_s(r1, t1);
    r0 = v128.load8x8_s(w, 10);
    r1 = v128.load8x8_s(w1, 10);
    t0 = v128.load(q, 16);
    t1 = v128.load(q1, 16);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(r0, t0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(r0, t1));
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(r1, t0));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(r1, t1));
    r0 = v128.load8x8_s(w, 18);
    r1 = v128.load8x8_s(w1, 18);
    t0 = v128.load(q, 32);
    t1 = v128.load(q1, 32);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(r0, t0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(r0, t1));
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(r1, t0));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(r1, t1));
    r0 = v128.load8x8_s(w, 26);
    r1 = v128.load8x8_s(w1, 26);
    t0 = v128.load(q, 48);
    t1 = v128.load(q1, 48);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(r0, t0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(r0, t1));
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(r1, t0));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(r1, t1));
    const dw0 = v128.load32_splat(dw);
    const dw1 = v128.load32_splat(dw + next);
    const dx0 = v128.load32_splat(d);
    const dx1 = v128.load32_splat(d + next);
    acc00 = f32x4.add(acc00, f32x4.mul(f32x4.convert_i32x4_s(s00), f32x4.mul(dw0, dx0)));
    acc01 = f32x4.add(acc01, f32x4.mul(f32x4.convert_i32x4_s(s01), f32x4.mul(dw0, dx1)));
    acc10 = f32x4.add(acc10, f32x4.mul(f32x4.convert_i32x4_s(s10), f32x4.mul(dw1, dx0)));
    acc11 = f32x4.add(acc11, f32x4.mul(f32x4.convert_i32x4_s(s11), f32x4.mul(dw1, dx1)));
    w += BLOCK;
    w1 += BLOCK;
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

/** `rows` rows, an even number, of Q8_0's blocks against two tokens or more. `dw`: room for the rows' scales. */
export function several(
  rows: i32,
  w: usize,
  dw: usize,
  q: usize,
  d: usize,
  T: i32,
  blocks: i32,
  y: usize,
  stride: i32,
  bias: usize,
  o: i32,
): void {
  const row = <usize>blocks * BLOCK;
  const scales: usize = blocks * 4;
  widenScales(w, rows * blocks, dw);
  let t = 0;
  for (; t + 2 <= T; t += 2) {
    const x = q + t * blocks * 64;
    const dx = d + t * scales;
    const at = y + t * stride * 4;
    for (let r = 0; r < rows; r += 2) twoByTwo(w + r * row, dw + r * scales, x, dx, blocks, at, stride, bias, o + r);
  }
  if (t == T) return;
  for (let r = 0; r < rows; r++) {
    put(y + t * stride * 4, bias, o + r, one(w + r * row, q + t * blocks * 64, d + t * scales, blocks));
  }
}

/** O rows of W into columns of y, whose rows are `stride` wide. `scratch` has room for a group's scales a thread. */
export function linear_q8_0(
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
  const row = <usize>blocks * BLOCK;
  const scales: usize = blocks * 4;
  const most = group(blocks);
  const dw = scratch + <usize>thread * most * scales;
  const end = first(O, 4, thread + 1, threads);
  let o = first(O, 4, thread, threads);
  while (T > 1 && o + 4 <= end) {
    const rows = min(most, (end - o) & ~3);
    several(rows, W + o * row, dw, q, d, T, blocks, y, stride, bias, o);
    o += rows;
  }
  if (T == 1) for (; o + 2 <= end; o += 2) two(W + o * row, q, d, dw, blocks, y, bias, o);
  for (; o < end; o++) {
    for (let t = 0; t < T; t++) {
      put(y + t * stride * 4, bias, o, one(W + o * row, q + t * blocks * 64, d + t * scales, blocks));
    }
  }
}
