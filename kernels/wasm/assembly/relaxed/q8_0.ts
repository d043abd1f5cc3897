/**
 * linear with weights in Q8_0 and activations of 8 bits, by the relaxed product of bytes:
 *
 *   y[t o] = sum_b dw[o b] dx[t b] (sum_i (sign(q[t b i]) w[o b i]) |q[t b i]|) + bias[o]
 *
 * layout   W: 34 bytes a block of 32: f16 d | i8 q[32]; |q|, signs and dx as activations.ts has them (apart)
 * numbers  the product is defined since |q| lies in 0..127, and exact in i32. A weight of -128, which has no opposite in 8 bits
 *          and which no quantiser writes, counts as -127. Lanes times scales are added in float32, block after block, then
 *          the four lanes: one order for every tile, every number of threads and of tokens.
 * source   ggml: ggml_vec_dot_q8_0_q8_0; WebAssembly relaxed SIMD, i32x4.relaxed_dot_i8x16_i7x16_add_s
 *
 *   1  activations of 7 bits, 64 added and taken off again: a third faster, and twice as coarse, which cost SmolLM2 1.1 % of
 *      its perplexity; gone
 *   2  one row against one token, signs taken over
 *   3  two rows against two tokens
 */
import { half } from "../half";
import { put } from "../sums";
import { first, group } from "../share";

const BLOCK: usize = 34;

// @ts-ignore: decorator
@inline
function weights(w: usize): v128 {
  return i8x16.max_s(v128.load(w), i8x16.splat(-127));
}

/** Weights with the signs of a token's activations. */
// @ts-ignore: decorator
@inline
function signed(w: v128, sign: v128): v128 {
  return i8x16.sub(v128.xor(w, sign), sign);
}

/** One block's lanes: weights in two halves, activations at q. */
// @ts-ignore: decorator
@inline
function dot(w0: v128, w1: v128, a0: v128, a1: v128, s0: v128, s1: v128): v128 {
  const low = i32x4.relaxed_dot_i8x16_i7x16_add_s(signed(w0, s0), a0, i32x4.splat(0));
  return f32x4.convert_i32x4_s(i32x4.relaxed_dot_i8x16_i7x16_add_s(signed(w1, s1), a1, low));
}

function one(w: usize, q: usize, d: usize, blocks: i32): v128 {
  let acc = f32x4.splat(0);
  for (let b = 0; b < blocks; b++) {
    const p = dot(weights(w + 2), weights(w + 18), v128.load(q), v128.load(q, 16), v128.load(q, 32), v128.load(q, 48));
    acc = f32x4.add(acc, f32x4.mul(p, f32x4.splat(half(w) * load<f32>(d))));
    w += BLOCK;
    q += 64;
    d += 4;
  }
  return acc;
}

/** The scales of `count` blocks as float32. */
function widenScales(w: usize, count: i32, dw: usize): void {
  for (let b = 0; b < count; b++) store<f32>(dw + b * 4, half(w + b * BLOCK));
}

function twoByTwo(w: usize, dw: usize, q: usize, d: usize, blocks: i32, y: usize, stride: i32, bias: usize, o: i32): void {
  let acc00 = f32x4.splat(0);
  let acc01 = f32x4.splat(0);
  let acc10 = f32x4.splat(0);
  let acc11 = f32x4.splat(0);
  const next: usize = blocks * 4;
  const row: usize = <usize>blocks * BLOCK;
  const token: usize = blocks * 64;
  for (let b = 0; b < blocks; b++) {
    const w00 = weights(w + 2);
    const w01 = weights(w + 18);
    const w10 = weights(w + row + 2);
    const w11 = weights(w + row + 18);
    const dw0 = v128.load32_splat(dw);
    const dw1 = v128.load32_splat(dw + next);
    let a0 = v128.load(q);
    let a1 = v128.load(q, 16);
    let s0 = v128.load(q, 32);
    let s1 = v128.load(q, 48);
    let dx = v128.load32_splat(d);
    acc00 = f32x4.add(acc00, f32x4.mul(dot(w00, w01, a0, a1, s0, s1), f32x4.mul(dw0, dx)));
    acc10 = f32x4.add(acc10, f32x4.mul(dot(w10, w11, a0, a1, s0, s1), f32x4.mul(dw1, dx)));
    a0 = v128.load(q + token);
    a1 = v128.load(q + token, 16);
    s0 = v128.load(q + token, 32);
    s1 = v128.load(q + token, 48);
    dx = v128.load32_splat(d + next);
    acc01 = f32x4.add(acc01, f32x4.mul(dot(w00, w01, a0, a1, s0, s1), f32x4.mul(dw0, dx)));
    acc11 = f32x4.add(acc11, f32x4.mul(dot(w10, w11, a0, a1, s0, s1), f32x4.mul(dw1, dx)));
    w += BLOCK;
    q += 64;
    dw += 4;
    d += 4;
  }
  put(y, bias, o, acc00);
  put(y + stride * 4, bias, o, acc01);
  put(y, bias, o + 1, acc10);
  put(y + stride * 4, bias, o + 1, acc11);
}

/** O rows of W into columns of y, whose rows are `stride` wide. `scratch` has room for a group's scales a thread. */
export function linear_q8_0_relaxed(
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
    const w = W + o * row;
    widenScales(w, rows * blocks, dw);
    let t = 0;
    for (; t + 2 <= T; t += 2) {
      const x = q + t * blocks * 64;
      const dx = d + t * scales;
      const at = y + t * stride * 4;
      for (let r = 0; r < rows; r += 2) twoByTwo(w + r * row, dw + r * scales, x, dx, blocks, at, stride, bias, o + r);
    }
    if (t < T) {
      for (let r = 0; r < rows; r++) {
        put(y + t * stride * 4, bias, o + r, one(w + r * row, q + t * blocks * 64, d + t * scales, blocks));
      }
    }
    o += rows;
  }
  for (; o < end; o++) {
    for (let t = 0; t < T; t++) {
      put(y + t * stride * 4, bias, o, one(W + o * row, q + t * blocks * 64, d + t * scales, blocks));
    }
  }
}
