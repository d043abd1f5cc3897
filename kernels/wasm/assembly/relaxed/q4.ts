/**
 * linear with weights in Q4_0 or Q4_1 and activations of 8 bits, by the relaxed product of bytes:
 *
 *   y[t o] = sum_b dw[o b] dx[t b] (sum_i n[o b i] q[t b i] - 8 sum_i q[t b i]) + bias[o]              (Q4_0)
 *   y[t o] = sum_b dw[o b] dx[t b] (sum_i n[o b i] q[t b i]) + bias[o] + sum_b m[o b] s[t b]            (Q4_1)
 *
 * layout   W as ../few.ts has it; q, dx, s and -8 sum q as activations.ts has them (i8)
 * numbers  halves of bytes lie in 0..15, so the product is defined and exact in i32, the very integers of ../few.ts; lanes times scales are added in float32, block after block, then the four lanes, minimums last
 * source   ggml: ggml_vec_dot_q4_0_q8_0, ggml_vec_dot_q4_1_q8_1
 *
 *   1  one row against one token, the halves as they lie
 *   2  two rows against two tokens, a group of rows unpacked to a byte a half
 */
import { half } from "../half";
import { minimums } from "../minimums";
import { put } from "../sums";
import { first, group } from "../share";

// @ts-ignore: decorator
@inline
function dot(q0: v128, q1: v128, n0: v128, n1: v128, from: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(q1, n1, i32x4.relaxed_dot_i8x16_i7x16_add_s(q0, n0, from));
}

/** One row of blocks of `block` bytes, nibbles behind 2 or 4; with minimums (4), they are laid at m. */
// @ts-ignore: decorator
@inline
function one(w: usize, block: usize, nibbles: usize, q: usize, d: usize, n: usize, m: usize, blocks: i32): v128 {
  const fifteen = i8x16.splat(15);
  let acc = f32x4.splat(0);
  for (let b = 0; b < blocks; b++) {
    const both = v128.load(w + nibbles);
    let from = i32x4.splat(0);
    if (nibbles == 2) from = v128.load(n);
    else store<f32>(m + b * 4, half(w + 2));
    const p = dot(v128.load(q), v128.load(q, 16), v128.and(both, fifteen), i8x16.shr_u(both, 4), from);
    acc = f32x4.add(acc, f32x4.mul(f32x4.convert_i32x4_s(p), f32x4.splat(half(w) * load<f32>(d))));
    w += block;
    q += 32;
    d += 4;
    n += 16;
  }
  return acc;
}

/** `count` blocks: a byte for each half at `into`, scales at dw, minimums at m. */
// @ts-ignore: decorator
@inline
function unpack(w: usize, block: usize, nibbles: usize, count: i32, into: usize, dw: usize, m: usize): void {
  const fifteen = i8x16.splat(15);
  for (let b = 0; b < count; b++) {
    const both = v128.load(w + nibbles);
    v128.store(into, v128.and(both, fifteen));
    v128.store(into, i8x16.shr_u(both, 4), 16);
    store<f32>(dw + b * 4, half(w));
    if (nibbles == 4) store<f32>(m + b * 4, half(w + 2));
    w += block;
    into += 32;
  }
}

/** `n`: where the products of a token begin from; 0 for nothing. */
// @ts-ignore: decorator
@inline
function twoByTwo(w: usize, dw: usize, q: usize, d: usize, n: usize, blocks: i32, y: usize, stride: i32, bias: usize, o: i32): void {
  let acc00 = f32x4.splat(0);
  let acc01 = f32x4.splat(0);
  let acc10 = f32x4.splat(0);
  let acc11 = f32x4.splat(0);
  const next: usize = blocks * 4;
  const row: usize = blocks * 32;
  for (let b = 0; b < blocks; b++) {
    const w00 = v128.load(w);
    const w01 = v128.load(w, 16);
    const w10 = v128.load(w + row);
    const w11 = v128.load(w + row, 16);
    const dw0 = v128.load32_splat(dw);
    const dw1 = v128.load32_splat(dw + next);
    const q00 = v128.load(q);
    const q01 = v128.load(q, 16);
    const dx0 = v128.load32_splat(d);
    const n0 = n == 0 ? i32x4.splat(0) : v128.load(n);
    acc00 = f32x4.add(acc00, f32x4.mul(f32x4.convert_i32x4_s(dot(q00, q01, w00, w01, n0)), f32x4.mul(dw0, dx0)));
    acc10 = f32x4.add(acc10, f32x4.mul(f32x4.convert_i32x4_s(dot(q00, q01, w10, w11, n0)), f32x4.mul(dw1, dx0)));
    const q10 = v128.load(q + row);
    const q11 = v128.load(q + row, 16);
    const dx1 = v128.load32_splat(d + next);
    const n1 = n == 0 ? i32x4.splat(0) : v128.load(n + 4 * next);
    acc01 = f32x4.add(acc01, f32x4.mul(f32x4.convert_i32x4_s(dot(q10, q11, w00, w01, n1)), f32x4.mul(dw0, dx1)));
    acc11 = f32x4.add(acc11, f32x4.mul(f32x4.convert_i32x4_s(dot(q10, q11, w10, w11, n1)), f32x4.mul(dw1, dx1)));
    w += 32;
    q += 32;
    dw += 4;
    d += 4;
    if (n != 0) n += 16;
  }
  put(y, bias, o, acc00);
  put(y + stride * 4, bias, o, acc01);
  put(y, bias, o + 1, acc10);
  put(y + stride * 4, bias, o + 1, acc11);
}

function tile0(w: usize, dw: usize, q: usize, d: usize, n: usize, blocks: i32, y: usize, stride: i32, bias: usize, o: i32): void {
  twoByTwo(w, dw, q, d, n, blocks, y, stride, bias, o);
}

function tile1(w: usize, dw: usize, q: usize, d: usize, n: usize, blocks: i32, y: usize, stride: i32, bias: usize, o: i32): void {
  twoByTwo(w, dw, q, d, 0, blocks, y, stride, bias, o);
}

/** Both formats: `nibbles` is 2 for Q4_0, 4 for Q4_1. */
// @ts-ignore: decorator
@inline
function linear(
  nibbles: usize,
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
  const block: usize = nibbles + 16;
  const blocks = I / 32;
  const row = <usize>blocks * block;
  const scales: usize = blocks * 4;
  const most = group(blocks);
  const bytes = scratch + <usize>thread * most * 10 * scales;
  const dw = bytes + most * 8 * scales;
  const m = dw + most * scales;
  const end = first(O, 4, thread + 1, threads);
  let o = first(O, 4, thread, threads);
  while (T > 1 && o + 4 <= end) {
    const rows = min(most, (end - o) & ~3);
    unpack(W + o * row, block, nibbles, rows * blocks, bytes, dw, m);
    let t = 0;
    for (; t + 2 <= T; t += 2) {
      const x = q + t * blocks * 32;
      const dx = d + t * scales;
      const nx = n + t * blocks * 16;
      const at = y + t * stride * 4;
      for (let r = 0; r < rows; r += 2) {
        const w = bytes + r * 8 * scales;
        if (nibbles == 2) tile0(w, dw + r * scales, x, dx, nx, blocks, at, stride, bias, o + r);
        else tile1(w, dw + r * scales, x, dx, nx, blocks, at, stride, bias, o + r);
      }
    }
    if (t < T) {
      const x = q + t * blocks * 32;
      const nx = n + t * blocks * 16;
      for (let r = 0; r < rows; r++) {
        const w = W + (o + r) * row;
        put(y + t * stride * 4, bias, o + r, one(w, block, nibbles, x, d + t * scales, nx, m + r * scales, blocks));
      }
    }
    if (nibbles == 4) minimums(m, rows, s, T, blocks, y + o * 4, stride);
    o += rows;
  }
  for (; o < end; o++) {
    for (let t = 0; t < T; t++) {
      const x = q + t * blocks * 32;
      put(y + t * stride * 4, bias, o, one(W + o * row, block, nibbles, x, d + t * scales, n + t * blocks * 16, m, blocks));
    }
    if (nibbles == 4) minimums(m, 1, s, T, blocks, y + o * 4, stride);
  }
}

export function linear_q4_0_relaxed(
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
  linear(2, thread, threads, q, d, W, bias, y, T, I, O, stride, scratch, s, n);
}

export function linear_q4_1_relaxed(
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
  linear(4, thread, threads, q, d, W, bias, y, T, I, O, stride, scratch, s, n);
}
