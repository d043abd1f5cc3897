/**
 * linear with weights in float32, bfloat16 or float16 and exact activations, y[t o] = sum_i W[o i] x[t i] + bias[o].
 *
 * layout   W: f32, bf16 or f16 [O I]; x: f32 [T I]
 * numbers  products and sums in float32. Each block of 32 is summed from zero in four lanes, the lanes of the blocks one after
 *          another, then the four lanes, then what is left of the row, one by one. Every tile adds in this order. bfloat16
 *          and float16 become float32 exactly, infinities and subnormal numbers too; a NaN of float16 becomes an infinity.
 * source   the formats: src/quant/bf16.ts, f16.ts
 *
 *   1  one row against one token, read as it is stored; since every block begins from zero, a row waits for one addition in
 *      eight
 *   2  four rows in float32 against two tokens
 *   3  the same for up to sixteen rows before the next two tokens
 */
import { first, group } from "./share";
import { total } from "./sums";

const F32: i32 = 0;
const BF16: i32 = 1;
const F16: i32 = 2;

/** Four values of a row in `kind`, from value i on; `fields`, `up` and `down` are the constants of halves(). */
// @ts-ignore: decorator
@inline
function four(kind: i32, w: usize, i: usize, fields: v128, up: v128, down: v128): v128 {
  if (kind == F32) return v128.load(w + i * 4);
  if (kind == BF16) return i32x4.shl(v128.load16x4_u(w + i * 2), 16);
  return halves(v128.load16x4_s(w + i * 2), fields, up, down);
}

/**
 * Float16 with its sign extended, in four lanes: exponents move by a product with 2^112, which is exact; a further one makes
 * what was no number infinite, and is taken back.
 */
// @ts-ignore: decorator
@inline
function halves(bits: v128, fields: v128, up: v128, down: v128): v128 {
  return f32x4.mul(f32x4.mul(f32x4.mul(v128.and(i32x4.shl(bits, 13), fields), up), up), down);
}

/** Their constants, in memory: else they would be made anew for each use in a loop (V8 of Node 24). */
function storeConstants(at: usize): void {
  v128.store(at, i32x4.splat(0x8fffe000));
  v128.store(at, f32x4.splat(reinterpret<f32>(0x77800000)), 16); // 2^112
  v128.store(at, f32x4.splat(reinterpret<f32>(0x07800000)), 32); // 2^-112
}

// @ts-ignore: decorator
@inline
function product(kind: i32, w: usize, x: usize, i: usize, fields: v128, up: v128, down: v128): v128 {
  return f32x4.mul(four(kind, w, i, fields, up, down), v128.load(x + i * 4));
}

// @ts-ignore: decorator
@inline
function single(kind: i32, w: usize, i: i32, at: usize): f32 {
  if (kind == F32) return load<f32>(w + i * 4);
  const bits = <i32>load<i16>(w + i * 2);
  if (kind == BF16) return reinterpret<f32>(bits << 16);
  return f32x4.extract_lane(halves(i32x4.splat(bits), v128.load(at), v128.load(at, 16), v128.load(at, 32)), 0);
}

/** The lanes, the rest of the row from i on, the bias. */
// @ts-ignore: decorator
@inline
function put(kind: i32, y: usize, bias: usize, o: i32, acc: v128, w: usize, x: usize, from: i32, I: i32, at: usize): void {
  let sum = total(acc);
  for (let i: i32 = from; i < I; i++) sum += single(kind, w, i, at) * load<f32>(x + i * 4);
  store<f32>(y + o * 4, bias == 0 ? sum : sum + load<f32>(bias + o * 4));
}

// @ts-ignore: decorator
@inline
function one(kind: i32, w: usize, x: usize, I: i32, y: usize, bias: usize, o: i32, at: usize): void {
  let acc = f32x4.splat(0);
  const whole = I & ~31;
  const none = f32x4.splat(0);
  const fields = kind == F16 ? v128.load(at) : none;
  const up = kind == F16 ? v128.load(at, 16) : none;
  const down = kind == F16 ? v128.load(at, 32) : none;
  for (let i: usize = 0; i < <usize>whole; i += 32) {
    let sum = product(kind, w, x, i, fields, up, down);
    sum = f32x4.add(sum, product(kind, w, x, i + 4, fields, up, down));
    sum = f32x4.add(sum, product(kind, w, x, i + 8, fields, up, down));
    sum = f32x4.add(sum, product(kind, w, x, i + 12, fields, up, down));
    sum = f32x4.add(sum, product(kind, w, x, i + 16, fields, up, down));
    sum = f32x4.add(sum, product(kind, w, x, i + 20, fields, up, down));
    sum = f32x4.add(sum, product(kind, w, x, i + 24, fields, up, down));
    sum = f32x4.add(sum, product(kind, w, x, i + 28, fields, up, down));
    acc = f32x4.add(acc, sum);
  }
  put(kind, y, bias, o, acc, w, x, whole, I, at);
}

export function oneF32(w: usize, x: usize, I: i32, y: usize, bias: usize, o: i32): void {
  one(F32, w, x, I, y, bias, o, 0);
}

function oneBF16(w: usize, x: usize, I: i32, y: usize, bias: usize, o: i32): void {
  one(BF16, w, x, I, y, bias, o, 0);
}

function oneF16(w: usize, x: usize, I: i32, y: usize, bias: usize, o: i32, at: usize): void {
  one(F16, w, x, I, y, bias, o, at);
}

/** Four rows in float32, `row` bytes apart, against two tokens. */
function fourByTwo(w: usize, x: usize, I: i32, y: usize, stride: i32, bias: usize, o: i32): void {
  let acc00 = f32x4.splat(0);
  let acc01 = f32x4.splat(0);
  let acc10 = f32x4.splat(0);
  let acc11 = f32x4.splat(0);
  let acc20 = f32x4.splat(0);
  let acc21 = f32x4.splat(0);
  let acc30 = f32x4.splat(0);
  let acc31 = f32x4.splat(0);
  const row: usize = I * 4;
  const w1 = w + row;
  const w2 = w1 + row;
  const w3 = w2 + row;
  const x1 = x + row;
  const whole = I & ~31;
  for (let b = 0; b < whole; b += 32) {
    const from: usize = b * 4;
    let p = v128.load(x + from);
    let q = v128.load(x1 + from);
    let v0 = v128.load(w + from);
    let s00 = f32x4.mul(v0, p);
    let s01 = f32x4.mul(v0, q);
    let v1 = v128.load(w1 + from);
    let s10 = f32x4.mul(v1, p);
    let s11 = f32x4.mul(v1, q);
    let v2 = v128.load(w2 + from);
    let s20 = f32x4.mul(v2, p);
    let s21 = f32x4.mul(v2, q);
    let v3 = v128.load(w3 + from);
    let s30 = f32x4.mul(v3, p);
    let s31 = f32x4.mul(v3, q);
    for (let i = from + 16; i < from + 128; i += 16) {
      p = v128.load(x + i);
      q = v128.load(x1 + i);
      v0 = v128.load(w + i);
      s00 = f32x4.add(s00, f32x4.mul(v0, p));
      s01 = f32x4.add(s01, f32x4.mul(v0, q));
      v1 = v128.load(w1 + i);
      s10 = f32x4.add(s10, f32x4.mul(v1, p));
      s11 = f32x4.add(s11, f32x4.mul(v1, q));
      v2 = v128.load(w2 + i);
      s20 = f32x4.add(s20, f32x4.mul(v2, p));
      s21 = f32x4.add(s21, f32x4.mul(v2, q));
      v3 = v128.load(w3 + i);
      s30 = f32x4.add(s30, f32x4.mul(v3, p));
      s31 = f32x4.add(s31, f32x4.mul(v3, q));
    }
    acc00 = f32x4.add(acc00, s00);
    acc01 = f32x4.add(acc01, s01);
    acc10 = f32x4.add(acc10, s10);
    acc11 = f32x4.add(acc11, s11);
    acc20 = f32x4.add(acc20, s20);
    acc21 = f32x4.add(acc21, s21);
    acc30 = f32x4.add(acc30, s30);
    acc31 = f32x4.add(acc31, s31);
  }
  const z = y + stride * 4;
  put(F32, y, bias, o, acc00, w, x, whole, I, 0);
  put(F32, z, bias, o, acc01, w, x1, whole, I, 0);
  put(F32, y, bias, o + 1, acc10, w1, x, whole, I, 0);
  put(F32, z, bias, o + 1, acc11, w1, x1, whole, I, 0);
  put(F32, y, bias, o + 2, acc20, w2, x, whole, I, 0);
  put(F32, z, bias, o + 2, acc21, w2, x1, whole, I, 0);
  put(F32, y, bias, o + 3, acc30, w3, x, whole, I, 0);
  put(F32, z, bias, o + 3, acc31, w3, x1, whole, I, 0);
}

/** `rows` rows in float32, a multiple of four, against T tokens. */
export function severalF32(rows: i32, w: usize, x: usize, T: i32, I: i32, y: usize, stride: i32, bias: usize, o: i32): void {
  const row: usize = I * 4;
  let t = 0;
  for (; t + 2 <= T; t += 2) {
    const at = y + t * stride * 4;
    for (let r = 0; r < rows; r += 4) fourByTwo(w + r * row, x + t * row, I, at, stride, bias, o + r);
  }
  if (t < T) for (let r = 0; r < rows; r++) oneF32(w + r * row, x + t * row, I, y + t * stride * 4, bias, o + r);
}

/** `count` values of `kind` as float32. */
function widen(kind: i32, w: usize, count: i32, into: usize, at: usize): void {
  const fields = v128.load(at);
  const up = v128.load(at, 16);
  const down = v128.load(at, 32);
  const quads = count & ~3;
  let i = 0;
  if (kind == BF16) for (; i < quads; i += 4) v128.store(into + i * 4, four(BF16, w, i, fields, up, down));
  else for (; i < quads; i += 4) v128.store(into + i * 4, four(F16, w, i, fields, up, down));
  for (; i < count; i++) store<f32>(into + i * 4, kind == BF16 ? single(BF16, w, i, at) : single(F16, w, i, at));
}

/** `kind`: what W is stored in. `scratch` has room for a group of rows in float32, and 64 bytes, a thread. */
export function linear_floats(
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
  kind: i32,
): void {
  const bytes: usize = kind == F32 ? 4 : 2;
  const row = <usize>I * bytes;
  const most = group(I / 32);
  const room = <usize>most * I * 4;
  const wide = scratch + <usize>thread * (room + 64);
  storeConstants(wide + room);
  const end = first(O, 4, thread + 1, threads);
  let o = first(O, 4, thread, threads);
  while (T > 1 && o + 4 <= end) {
    const rows = min(most, (end - o) & ~3);
    const w = W + o * row;
    if (kind != F32) widen(kind, w, rows * I, wide, wide + room);
    severalF32(rows, kind == F32 ? w : wide, x, T, I, y, stride, bias, o);
    o += rows;
  }
  for (; o < end; o++) {
    const w = W + o * row;
    for (let t = 0; t < T; t++) {
      const at = y + t * stride * 4;
      const xt = x + t * I * 4;
      if (kind == F32) oneF32(w, xt, I, at, bias, o);
      else if (kind == BF16) oneBF16(w, xt, I, at, bias, o);
      else oneF16(w, xt, I, at, bias, o, wide + room);
    }
  }
}
