/**
 * Products of rows in blocks of 32 with few tokens: what Q8_0, Q4_0 and Q4_1 have in common.
 *
 *   y[t o] = sum_b dw[o b] dx[t b] p[o t b] + bias[o] (+ sum_b m[o b] s[t b]),   p[o t b] = sum_i w[o b i] q[t b i]
 *
 * layout   a block of `size` bytes: f16 d (in Q4_1 | f16 m) | its integers: in Q8_0 i8 w[32]; in Q4_0 and Q4_1 u8 n[16], whose
 *          low halves are w[0..15] and high halves w[16..31], in Q4_0 less 8. q, dx, s and starts as in activations.ts, for 4
 *          bits those of quantise_nibbles
 * numbers  sixteen bits of n hold four weights, of places 2 j, 16 + 2 j, 2 j + 1 and 17 + 2 j: with q in that order, masks and
 *          shifts make them lanes of 16 bits; -8 sum q comes afterwards. p is exact in i32
 *          (32 * 128 * 32767 < 2^31) and becomes one float32. Times the product of both scales it is added in four lanes of
 *          every fourth block, then the lanes, then the blocks that are left, one by one; the bias; at last
 *          the minimums, added likewise. Rows, tokens and threads meet in any tile, and no order changes.
 *
 *   1  a block's four lanes times its scale, block after block: scales one by one: 44 instructions a block of Q8_0
 *   2  two rows share the activations that were loaded; scales four at a time
 *   3  lanes of 16 blocks laid aside in the nearest cache, then those of four blocks added across in one
 *   4  rows that follow each other, where each is longer than a page: half as fast, since none of both streams goes on where it
 *      ended. So the two rows are half a thread's share apart.
 */
import { fold, put } from "./few-fold";
import { head, LAID, LAID_BYTES, lay, Q4_0, Q4_1, Q8_0 } from "./few-lay";
import { first } from "./share";

/** Scratch of a thread: lanes of two rows and two tokens, of each the minimums so far, and the mask of 4 bits. */
const SCRATCH: usize = 4 * LAID_BYTES + 128;

/** Rows v and w against the token at q, and if `pair` the one after it. */
// @ts-ignore: decorator
@inline
function tile(size: usize, pair: bool, v: usize, w: usize, q: usize, d: usize, n: usize, s: usize, blocks: i32, p: usize, y: usize, z: usize, stride: usize, bias: usize, next: usize): void {
  const low = p + 4 * LAID_BYTES;
  if (size == Q4_1) {
    v128.store(low, f32x4.splat(0));
    v128.store(low, f32x4.splat(0), 16);
    v128.store(low, f32x4.splat(0), 32);
    v128.store(low, f32x4.splat(0), 48);
  }
  const scales: usize = blocks * 4;
  const token: usize = blocks * 64;
  let acc00 = f32x4.splat(0);
  let acc01 = f32x4.splat(0);
  let acc10 = f32x4.splat(0);
  let acc11 = f32x4.splat(0);
  let left = 0;
  for (let b = 0; b < blocks; b += LAID) {
    const count = min(LAID, blocks - b);
    const quads = count >> 2;
    lay(size, pair, v + head(size), w + head(size), q, q + token, count, p, low + 64);
    acc00 = fold(size, acc00, v, d, n, s, quads, p, low);
    if (pair) acc01 = fold(size, acc01, v, d + scales, n + scales, s + scales, quads, p + LAID_BYTES, low + 16);
    acc10 = fold(size, acc10, w, d, n, s, quads, p + 2 * LAID_BYTES, low + 32);
    if (pair) acc11 = fold(size, acc11, w, d + scales, n + scales, s + scales, quads, p + 3 * LAID_BYTES, low + 48);
    const whole: usize = quads * 4;
    left = count - quads * 4;
    v += whole * size;
    w += whole * size;
    d += whole * 4;
    n += whole * 4;
    s += whole * 4;
    q += whole * 64;
  }
  const rest = p + ((blocks & (LAID - 1)) & ~3) * 16;
  put(size, acc00, left, v, d, n, s, rest, low, y, bias);
  put(size, acc10, left, w, d, n, s, rest + 2 * LAID_BYTES, low + 32, z, next);
  if (!pair) return;
  d += scales;
  n += scales;
  s += scales;
  put(size, acc01, left, v, d, n, s, rest + LAID_BYTES, low + 16, y + stride, bias);
  put(size, acc11, left, w, d, n, s, rest + 3 * LAID_BYTES, low + 48, z + stride, next);
}

function singleQ8(v: usize, w: usize, q: usize, d: usize, n: usize, s: usize, blocks: i32, p: usize, y: usize, z: usize, stride: usize, bias: usize, next: usize): void {
  tile(Q8_0, false, v, w, q, d, n, s, blocks, p, y, z, stride, bias, next);
}

function doubleQ8(v: usize, w: usize, q: usize, d: usize, n: usize, s: usize, blocks: i32, p: usize, y: usize, z: usize, stride: usize, bias: usize, next: usize): void {
  tile(Q8_0, true, v, w, q, d, n, s, blocks, p, y, z, stride, bias, next);
}

function singleQ40(v: usize, w: usize, q: usize, d: usize, n: usize, s: usize, blocks: i32, p: usize, y: usize, z: usize, stride: usize, bias: usize, next: usize): void {
  tile(Q4_0, false, v, w, q, d, n, s, blocks, p, y, z, stride, bias, next);
}

function doubleQ40(v: usize, w: usize, q: usize, d: usize, n: usize, s: usize, blocks: i32, p: usize, y: usize, z: usize, stride: usize, bias: usize, next: usize): void {
  tile(Q4_0, true, v, w, q, d, n, s, blocks, p, y, z, stride, bias, next);
}

function singleQ41(v: usize, w: usize, q: usize, d: usize, n: usize, s: usize, blocks: i32, p: usize, y: usize, z: usize, stride: usize, bias: usize, next: usize): void {
  tile(Q4_1, false, v, w, q, d, n, s, blocks, p, y, z, stride, bias, next);
}

function doubleQ41(v: usize, w: usize, q: usize, d: usize, n: usize, s: usize, blocks: i32, p: usize, y: usize, z: usize, stride: usize, bias: usize, next: usize): void {
  tile(Q4_1, true, v, w, q, d, n, s, blocks, p, y, z, stride, bias, next);
}

/** Everything a thread does: the two halves of its rows side by side, its tokens two by two. */
// @ts-ignore: decorator
@inline
function few(size: usize, thread: i32, threads: i32, q: usize, d: usize, W: usize, bias: usize, y: usize, T: i32, I: i32, O: i32, stride: i32, scratch: usize, s: usize, n: usize): void {
  const blocks = I / 32;
  const row = <usize>blocks * size;
  const p = scratch + <usize>thread * SCRATCH;
  store<u16>(p + SCRATCH - 64, 15); // a constant would be made anew for each use in a loop (V8 of Node 24)
  const from = first(O, 4, thread, threads);
  const end = first(O, 4, thread + 1, threads);
  const many = (end - from + 1) / 2;
  const wide: usize = stride * 4;
  for (let o = from; o < from + many; o++) {
    const other = min(o + many, end - 1); // of an odd number, the last is done twice
    const v = W + <usize>o * row;
    const w = W + <usize>other * row;
    const b0 = bias == 0 ? 0 : bias + o * 4;
    const b1 = bias == 0 ? 0 : bias + other * 4;
    for (let t = 0; t < T; t += 2) {
      const at: usize = t * blocks;
      const qt = q + at * 64;
      const dt = d + at * 4;
      const nt = n + at * 4;
      const st = s + at * 4;
      const y0 = y + t * wide + o * 4;
      const y1 = y + t * wide + other * 4;
      if (t + 1 < T) {
        if (size == Q8_0) doubleQ8(v, w, qt, dt, nt, st, blocks, p, y0, y1, wide, b0, b1);
        else if (size == Q4_0) doubleQ40(v, w, qt, dt, nt, st, blocks, p, y0, y1, wide, b0, b1);
        else doubleQ41(v, w, qt, dt, nt, st, blocks, p, y0, y1, wide, b0, b1);
      } else if (size == Q8_0) singleQ8(v, w, qt, dt, nt, st, blocks, p, y0, y1, wide, b0, b1);
      else if (size == Q4_0) singleQ40(v, w, qt, dt, nt, st, blocks, p, y0, y1, wide, b0, b1);
      else singleQ41(v, w, qt, dt, nt, st, blocks, p, y0, y1, wide, b0, b1);
    }
  }
}

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
  s: usize,
  n: usize,
): void {
  few(Q8_0, thread, threads, q, d, W, bias, y, T, I, O, stride, scratch, s, n);
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
  few(Q4_0, thread, threads, q, d, W, bias, y, T, I, O, stride, scratch, s, n);
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
  few(Q4_1, thread, threads, q, d, W, bias, y, T, I, O, stride, scratch, s, n);
}
