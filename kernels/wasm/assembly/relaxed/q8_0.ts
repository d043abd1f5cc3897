/**
 * linear with weights in Q8_0 and activations of 7 bits, by the relaxed product of bytes:
 *
 *   y[t o] = sum_b dw[o b] dx[t b] (sum_i w[o b i] u[t b i] - 64 sum_i w[o b i]) + bias[o]
 *
 * layout   W: 34 bytes a block of 32: f16 d | i8 q[32]; u and dx as activations.ts has them (i7)
 * numbers  the product is defined since u lies in 0..127, and exact in i32; lanes times scales are added in float32, block
 *          after block, then the four lanes: one order for every tile, every number of threads and of tokens
 * source   ggml: ggml_vec_dot_q8_0_q8_0, for the format; WebAssembly relaxed SIMD, i32x4.relaxed_dot_i8x16_i7x16_add_s
 *
 *   1  one row against one token; -64 sum w by two products more
 *   2  two rows against two tokens; -64 sum w of a group of rows is made once for all tokens
 */
import { half } from "../half";
import { put } from "../q8_0";
import { first, group } from "../share";

const BLOCK: usize = 34;

// @ts-ignore: decorator
@inline
function dot(w0: v128, w1: v128, u0: v128, u1: v128, from: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(w1, u1, i32x4.relaxed_dot_i8x16_i7x16_add_s(w0, u0, from));
}

/** -64 sum w, in the lanes of the product. */
// @ts-ignore: decorator
@inline
function middle(w0: v128, w1: v128): v128 {
  return i32x4.neg(dot(w0, w1, i8x16.splat(64), i8x16.splat(64), i32x4.splat(0)));
}

function one(w: usize, u: usize, d: usize, blocks: i32): v128 {
  let acc = f32x4.splat(0);
  for (let b = 0; b < blocks; b++) {
    const w0 = v128.load(w, 2);
    const w1 = v128.load(w, 18);
    const p = dot(w0, w1, v128.load(u), v128.load(u, 16), middle(w0, w1));
    acc = f32x4.add(acc, f32x4.mul(f32x4.convert_i32x4_s(p), f32x4.splat(half(w) * load<f32>(d))));
    w += BLOCK;
    u += 32;
    d += 4;
  }
  return acc;
}

/** For `count` blocks their scales in float32 at dw, and -64 sum w at z. */
function prepare(w: usize, count: i32, dw: usize, z: usize): void {
  for (let b = 0; b < count; b++) {
    store<f32>(dw + b * 4, half(w));
    v128.store(z + b * 16, middle(v128.load(w, 2), v128.load(w, 18)));
    w += BLOCK;
  }
}

function twoByTwo(w: usize, dw: usize, z: usize, u: usize, d: usize, blocks: i32, y: usize, stride: i32, bias: usize, o: i32): void {
  let acc00 = f32x4.splat(0);
  let acc01 = f32x4.splat(0);
  let acc10 = f32x4.splat(0);
  let acc11 = f32x4.splat(0);
  const next: usize = blocks * 4;
  const w1: usize = <usize>blocks * BLOCK;
  const u1: usize = blocks * 32;
  const z1: usize = blocks * 16;
  for (let b = 0; b < blocks; b++) {
    const w00 = v128.load(w, 2);
    const w01 = v128.load(w, 18);
    const w10 = v128.load(w + w1, 2);
    const w11 = v128.load(w + w1, 18);
    const n0 = v128.load(z);
    const n1 = v128.load(z + z1);
    const dw0 = v128.load32_splat(dw);
    const dw1 = v128.load32_splat(dw + next);
    const u00 = v128.load(u);
    const u01 = v128.load(u, 16);
    const dx0 = v128.load32_splat(d);
    acc00 = f32x4.add(acc00, f32x4.mul(f32x4.convert_i32x4_s(dot(w00, w01, u00, u01, n0)), f32x4.mul(dw0, dx0)));
    acc10 = f32x4.add(acc10, f32x4.mul(f32x4.convert_i32x4_s(dot(w10, w11, u00, u01, n1)), f32x4.mul(dw1, dx0)));
    const u10 = v128.load(u + u1);
    const u11 = v128.load(u + u1, 16);
    const dx1 = v128.load32_splat(d + next);
    acc01 = f32x4.add(acc01, f32x4.mul(f32x4.convert_i32x4_s(dot(w00, w01, u10, u11, n0)), f32x4.mul(dw0, dx1)));
    acc11 = f32x4.add(acc11, f32x4.mul(f32x4.convert_i32x4_s(dot(w10, w11, u10, u11, n1)), f32x4.mul(dw1, dx1)));
    w += BLOCK;
    u += 32;
    dw += 4;
    d += 4;
    z += 16;
  }
  put(y, bias, o, acc00);
  put(y + stride * 4, bias, o, acc01);
  put(y, bias, o + 1, acc10);
  put(y + stride * 4, bias, o + 1, acc11);
}

/** O rows of W into columns of y, whose rows are `stride` wide. `scratch` has room for 20 bytes a block of a group a thread. */
export function linear_q8_0_relaxed(
  thread: i32,
  threads: i32,
  u: usize,
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
  const z = scratch + <usize>thread * most * 5 * scales;
  const dw = z + most * 4 * scales;
  const end = first(O, 4, thread + 1, threads);
  let o = first(O, 4, thread, threads);
  while (T > 1 && o + 4 <= end) {
    const rows = min(most, (end - o) & ~3);
    const w = W + o * row;
    prepare(w, rows * blocks, dw, z);
    let t = 0;
    for (; t + 2 <= T; t += 2) {
      const x = u + t * blocks * 32;
      const dx = d + t * scales;
      const at = y + t * stride * 4;
      for (let r = 0; r < rows; r += 2) {
        twoByTwo(w + r * row, dw + r * scales, z + r * 4 * scales, x, dx, blocks, at, stride, bias, o + r);
      }
    }
    if (t < T) {
      for (let r = 0; r < rows; r++) {
        put(y + t * stride * 4, bias, o + r, one(w + r * row, u + t * blocks * 32, d + t * scales, blocks));
      }
    }
    o += rows;
  }
  for (; o < end; o++) {
    for (let t = 0; t < T; t++) {
      put(y + t * stride * 4, bias, o, one(W + o * row, u + t * blocks * 32, d + t * scales, blocks));
    }
  }
}
