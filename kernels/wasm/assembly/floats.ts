/**
 * linear with weights in float32 and exact activations, y[t o] = sum_i W[o i] x[t i] + bias[o]. Weights of every other
 * format are widened to this a few rows at a time.
 *
 * layout   W: f32 [O I]; x: f32 [T I]
 * numbers  products and sums in float32, in four lanes of every fourth i, then the lanes, then what is left of the row, one
 *          by one. Every tile adds in this order.
 *
 *   1  one row against one token
 *   2  four rows against two tokens
 */
import { first } from "./share";
import { total } from "./q8_0";

// @ts-ignore: decorator
@inline
function put(y: usize, bias: usize, o: i32, acc: v128, w: usize, x: usize, from: i32, I: i32): void {
  let sum = total(acc);
  for (let i: i32 = from; i < I; i++) sum += load<f32>(w + i * 4) * load<f32>(x + i * 4);
  store<f32>(y + o * 4, bias == 0 ? sum : sum + load<f32>(bias + o * 4));
}

function one(w: usize, x: usize, I: i32, y: usize, bias: usize, o: i32): void {
  let acc = f32x4.splat(0);
  const quads = I & ~3;
  for (let i = 0; i < quads; i += 4) acc = f32x4.add(acc, f32x4.mul(v128.load(w + i * 4), v128.load(x + i * 4)));
  put(y, bias, o, acc, w, x, quads, I);
}

function fourByTwo(w: usize, x: usize, I: i32, y: usize, stride: i32, bias: usize, o: i32): void {
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let b2 = f32x4.splat(0);
  let b3 = f32x4.splat(0);
  const row: usize = I * 4;
  const quads = I & ~3;
  for (let i = 0; i < quads; i += 4) {
    const at: usize = i * 4;
    const p = v128.load(x + at);
    const q = v128.load(x + row + at);
    const w0 = v128.load(w + at);
    const w1 = v128.load(w + row + at);
    const w2 = v128.load(w + 2 * row + at);
    const w3 = v128.load(w + 3 * row + at);
    a0 = f32x4.add(a0, f32x4.mul(w0, p));
    b0 = f32x4.add(b0, f32x4.mul(w0, q));
    a1 = f32x4.add(a1, f32x4.mul(w1, p));
    b1 = f32x4.add(b1, f32x4.mul(w1, q));
    a2 = f32x4.add(a2, f32x4.mul(w2, p));
    b2 = f32x4.add(b2, f32x4.mul(w2, q));
    a3 = f32x4.add(a3, f32x4.mul(w3, p));
    b3 = f32x4.add(b3, f32x4.mul(w3, q));
  }
  const z = y + stride * 4;
  put(y, bias, o, a0, w, x, quads, I);
  put(z, bias, o, b0, w, x + row, quads, I);
  put(y, bias, o + 1, a1, w + row, x, quads, I);
  put(z, bias, o + 1, b1, w + row, x + row, quads, I);
  put(y, bias, o + 2, a2, w + 2 * row, x, quads, I);
  put(z, bias, o + 2, b2, w + 2 * row, x + row, quads, I);
  put(y, bias, o + 3, a3, w + 3 * row, x, quads, I);
  put(z, bias, o + 3, b3, w + 3 * row, x + row, quads, I);
}

/** O rows in float32 against T tokens; the whole of the work of one thread. Used on widened rows too. */
export function rows_f32(x: usize, W: usize, bias: usize, y: usize, T: i32, I: i32, O: i32, stride: i32): void {
  const row: usize = I * 4;
  let o = 0;
  for (; o + 4 <= O; o += 4) {
    let t = 0;
    for (; t + 2 <= T; t += 2) fourByTwo(W + o * row, x + t * row, I, y + t * stride * 4, stride, bias, o);
    if (t < T) for (let r = 0; r < 4; r++) one(W + (o + r) * row, x + t * row, I, y + t * stride * 4, bias, o + r);
  }
  for (; o < O; o++) {
    for (let t = 0; t < T; t++) one(W + o * row, x + t * row, I, y + t * stride * 4, bias, o);
  }
}

export function linear_f32(
  thread: i32,
  threads: i32,
  x: usize,
  W: usize,
  bias: usize,
  y: usize,
  T: i32,
  I: i32,
  O: i32,
  stride: i32,
): void {
  const from = first(O, 4, thread, threads);
  const rows = first(O, 4, thread + 1, threads) - from;
  rows_f32(x, W + <usize>from * I * 4, bias == 0 ? 0 : bias + from * 4, y + from * 4, T, I, rows, stride);
}
