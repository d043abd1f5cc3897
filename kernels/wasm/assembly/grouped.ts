/**
 * linear with weights that share scales in groups and activations in integers (unpack-grouped.ts):
 *
 *   y[t o] = sum_b s[o g(b)] dx[t b] (sum_i (w[o b i] - z[o g(b)]) q[t b i]) + bias[o]
 *
 * layout   W: blocks of a group each, as unpack-grouped.ts has them; q and dx as in activations.ts
 * numbers  the sums of unpacked.ts, which has the products with several tokens, in its order: a single token multiplies the
 *          integers as they lie, a block of 32 at a time
 */
import { put } from "./sums";
import { first } from "./share";
import { groupedSize, hasBytes, hasZeros, headOf, kindOf, scaleOf, zeroOf } from "./unpack-grouped";
import { linear_unpacked } from "./unpacked";

/** 32 bytes less their zero point, against activations at q. */
// @ts-ignore: decorator
@inline
function bytes(w: usize, zeros: bool, about: v128, q: usize): v128 {
  let w0 = v128.load8x8_s(w);
  let w1 = v128.load8x8_s(w, 8);
  let w2 = v128.load8x8_s(w, 16);
  let w3 = v128.load8x8_s(w, 24);
  if (zeros) {
    w0 = i16x8.sub(w0, about);
    w1 = i16x8.sub(w1, about);
    w2 = i16x8.sub(w2, about);
    w3 = i16x8.sub(w3, about);
  }
  const s0 = i32x4.dot_i16x8_s(w0, v128.load(q));
  const s1 = i32x4.dot_i16x8_s(w1, v128.load(q, 16));
  const s2 = i32x4.dot_i16x8_s(w2, v128.load(q, 32));
  const s3 = i32x4.dot_i16x8_s(w3, v128.load(q, 48));
  return f32x4.convert_i32x4_s(i32x4.add(i32x4.add(s0, s1), i32x4.add(s2, s3)));
}

/** 32 halves of bytes less their zero point: in lanes of 16 bits a mask for the low ones, a shift for the high ones. */
// @ts-ignore: decorator
@inline
function halves(w: usize, about: v128, fifteen: v128, q: usize): v128 {
  const n = v128.load8x8_u(w);
  const m = v128.load8x8_u(w, 8);
  const s0 = i32x4.dot_i16x8_s(i16x8.sub(v128.and(n, fifteen), about), v128.load(q));
  const s1 = i32x4.dot_i16x8_s(i16x8.sub(v128.and(m, fifteen), about), v128.load(q, 16));
  const s2 = i32x4.dot_i16x8_s(i16x8.sub(i16x8.shr_u(n, 4), about), v128.load(q, 32));
  const s3 = i32x4.dot_i16x8_s(i16x8.sub(i16x8.shr_u(m, 4), about), v128.load(q, 48));
  return f32x4.convert_i32x4_s(i32x4.add(i32x4.add(s0, s1), i32x4.add(s2, s3)));
}

/** One row against one token. `wide`: whether a weight is a byte. */
// @ts-ignore: decorator
@inline
function one(wide: bool, zeros: bool, format: i32, w: usize, q: usize, d: usize, blocks: i32, fifteen: v128): v128 {
  const per = format >> 8;
  const kind = kindOf(format);
  const head = headOf(format);
  let acc = f32x4.splat(0);
  for (let b = 0; b < blocks; b += per) {
    const s = scaleOf(kind, w);
    const zero = zeroOf(format, w + head);
    const about = i16x8.splat(<i16>zero);
    w += head;
    for (let g = 0; g < per; g++) {
      const p = wide ? bytes(w, zeros, about, q) : halves(w, about, fifteen, q);
      acc = f32x4.add(acc, f32x4.mul(p, f32x4.splat(s * load<f32>(d))));
      w += wide ? 32 : 16;
      q += 64;
      d += 4;
    }
  }
  return acc;
}

function oneBytes(format: i32, w: usize, q: usize, d: usize, blocks: i32): v128 {
  return one(true, false, format, w, q, d, blocks, i32x4.splat(0));
}

function oneBytesLess(format: i32, w: usize, q: usize, d: usize, blocks: i32): v128 {
  return one(true, true, format, w, q, d, blocks, i32x4.splat(0));
}

/** `mask`: where 15 lies in lanes of 16 bits; a constant would be made anew for each use in a loop (V8 of Node 24). */
function oneHalves(format: i32, w: usize, q: usize, d: usize, blocks: i32, mask: usize): v128 {
  return one(false, true, format, w, q, d, blocks, v128.load(mask));
}

export function linear_grouped(
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
  if (T > 1) {
    linear_unpacked(thread, threads, q, d, W, bias, y, T, I, O, stride, scratch, s, starts, format);
    return;
  }
  const blocks = I / 32;
  const row = groupedSize(format, blocks);
  const mask = scratch + <usize>thread * 64;
  v128.store(mask, i16x8.splat(15));
  const end = first(O, 4, thread + 1, threads);
  for (let o = first(O, 4, thread, threads); o < end; o++) {
    const w = W + o * row;
    if (!hasBytes(format)) put(y, bias, o, oneHalves(format, w, q, d, blocks, mask));
    else if (hasZeros(format)) put(y, bias, o, oneBytesLess(format, w, q, d, blocks));
    else put(y, bias, o, oneBytes(format, w, q, d, blocks));
  }
}
