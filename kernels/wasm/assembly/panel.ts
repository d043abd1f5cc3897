/**
 * Panels: sixteen rows of weights of any block format as whole numbers, with one scale for a row's 256 columns.
 *
 *   w[k][r i] = round((dw[r b] v[r i] + m[r b]) / sw[k][r]),   sw[k][r] = max_b (|dw| 2^p + |m|) / 4090      b: blocks of k
 *
 * layout   into: for each k i16 [128][16 rows][2], pairs of columns, row beside row, 8,192 bytes; sw: f32 [k][16]; behind sw
 *          lies room for four rows as unpack.ts has them, which Q8_0 does not need: its bytes are read where they lie
 * numbers  v 2^(12 - p) times a factor of 15 bits, rounded to a whole number (i16x8.q15mulr_sat), and the minimum so rounded:
 *          |w| <= 4092. It is within 0.57 of what is rounded, and within 1.07 where the format has minimums. A row that is
 *          not there is zeros.
 *
 *   1  a panel at a time, from all rows: the processor does not read ahead in sixteen short pieces; gone
 *   2  whole rows, one after another, into all their panels
 */
import { fourHalves, half } from "./half";
import * as formats from "./unpack";
import { GROUPED, groupedBits } from "./unpack-grouped";

/** Rows of a panel, its blocks in a row, and its bytes. */
export const ROWS: i32 = 16;
export const BLOCKS: i32 = 8;
export const PANEL: usize = 8192;
/** No scale is smaller, so that its inverse is a number. */
export const LEAST: f32 = reinterpret<f32>(0x03800000); // 2^-120
/** The largest weight: 2^12 less what roundings may add. */
const MOST: f32 = 4090;

/** p: so many bits hold |v| of the format, |v| <= 2^p. Twelve are enough for any. */
function bits(format: i32): i32 {
  if (format >= GROUPED) return groupedBits(format);
  if (format == formats.Q4_0) return 3;
  if (format == formats.Q4_1 || format == formats.Q4_K || format == formats.Q5_0) return 4;
  if (format == formats.Q5_1 || format == formats.Q5_K) return 5;
  if (format == formats.Q2_K) return 6;
  return format == formats.Q6_K ? 12 : 7;
}

/** To the nearest, eight at a time; what is no number becomes zero. */
// @ts-ignore: decorator
@inline
function whole(a: v128, b: v128): v128 {
  return i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(f32x4.nearest(a)), i32x4.trunc_sat_f32x4_s(f32x4.nearest(b)));
}

/** The larger |m| of each block's two halves. */
// @ts-ignore: decorator
@inline
function larger(m: usize): v128 {
  const a = f32x4.abs(v128.load(m));
  const b = f32x4.abs(v128.load(m, 16));
  return f32x4.max(i32x4.shuffle(a, b, 0, 2, 4, 6), i32x4.shuffle(a, b, 1, 3, 5, 7));
}

/**
 * A chunk's scale in a row, from its blocks' scales and minimums; for each block a factor, i16 [8], and its halves' minimums,
 * i16 [8][2].
 */
// @ts-ignore: decorator
@inline
function factors(dw: usize, m: usize, top: f32, minimums: i32, factor: usize, lifts: usize): f32 {
  const d0 = v128.load(dw);
  const d1 = v128.load(dw, 16);
  let a0 = f32x4.mul(f32x4.abs(d0), f32x4.splat(top));
  let a1 = f32x4.mul(f32x4.abs(d1), f32x4.splat(top));
  if (minimums == 1) {
    a0 = f32x4.add(a0, f32x4.abs(v128.load(m)));
    a1 = f32x4.add(a1, f32x4.abs(v128.load(m, 16)));
  } else if (minimums == 2) {
    a0 = f32x4.add(a0, larger(m));
    a1 = f32x4.add(a1, larger(m + 32));
  }
  const a = f32x4.max(a0, a1);
  const most = max(
    max(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    max(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  );
  const scale = max(most / MOST, LEAST);
  const inverse = f32x4.splat(1 / scale);
  const eighth = f32x4.splat(top * 8);
  v128.store(factor, whole(f32x4.mul(f32x4.mul(d0, eighth), inverse), f32x4.mul(f32x4.mul(d1, eighth), inverse)));
  if (minimums == 1) {
    const l = whole(f32x4.mul(v128.load(m), inverse), f32x4.mul(v128.load(m, 16), inverse));
    v128.store(lifts, i16x8.shuffle(l, l, 0, 0, 1, 1, 2, 2, 3, 3));
    v128.store(lifts, i16x8.shuffle(l, l, 4, 4, 5, 5, 6, 6, 7, 7), 16);
  } else if (minimums == 2) {
    v128.store(lifts, whole(f32x4.mul(v128.load(m), inverse), f32x4.mul(v128.load(m, 16), inverse)));
    v128.store(lifts, whole(f32x4.mul(v128.load(m, 32), inverse), f32x4.mul(v128.load(m, 48), inverse)), 16);
  }
  return scale;
}

/** Eight columns of a row, i16 or `bytes`; `by`: where its minimum is, if there is one to be added. */
// @ts-ignore: decorator
@inline
function eight(w: usize, shift: v128, factor: v128, by: usize, lift: bool, bytes: bool): v128 {
  const v = i16x8.q15mulr_sat_s(i16x8.mul(bytes ? v128.load8x8_s(w) : v128.load(w), shift), factor);
  return lift ? i16x8.add(v, v128.load16_splat(by)) : v;
}

/** Four rows of `blocks` blocks, their factors at `by` and minimums at `lifts`, `room` blocks apart, into their places. */
// @ts-ignore: decorator
@inline
function interleave(
  w0: usize,
  w1: usize,
  w2: usize,
  w3: usize,
  by: usize,
  blocks: i32,
  room: usize,
  shift: v128,
  lift: bool,
  bytes: bool,
  into: usize,
): void {
  const next: usize = room * 8;
  let lifts = by + room * 2;
  const unit: usize = bytes ? 1 : 2;
  for (let b = 0; b < blocks; b++) {
    const f0 = v128.load16_splat(by);
    const f1 = v128.load16_splat(by + next);
    const f2 = v128.load16_splat(by + 2 * next);
    const f3 = v128.load16_splat(by + 3 * next);
    for (let i: usize = 0; i < 32; i += 8) {
      const m = lifts + (i >> 4) * 2;
      const r0 = eight(w0 + i * unit, shift, f0, m, lift, bytes);
      const r1 = eight(w1 + i * unit, shift, f1, m + next, lift, bytes);
      const r2 = eight(w2 + i * unit, shift, f2, m + 2 * next, lift, bytes);
      const r3 = eight(w3 + i * unit, shift, f3, m + 3 * next, lift, bytes);
      const low01 = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
      const high01 = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
      const low23 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
      const high23 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
      v128.store(into, i64x2.shuffle(low01, low23, 0, 2));
      v128.store(into, i64x2.shuffle(low01, low23, 1, 3), 64);
      v128.store(into, i64x2.shuffle(high01, high23, 0, 2), 128);
      v128.store(into, i64x2.shuffle(high01, high23, 1, 3), 192);
      into += 256;
    }
    const step: usize = bytes ? 34 : 64;
    w0 += step;
    w1 += step;
    w2 += step;
    w3 += step;
    by += 2;
    lifts += 4;
  }
}

/** The scales of a row of Q8_0, whose bytes are read where they lie. */
// @ts-ignore: decorator
@inline
function scales(W: usize, blocks: i32, dw: usize): void {
  let b = 0;
  for (; b + 4 <= blocks; b += 4) v128.store(dw + b * 4, fourHalves(W + b * 34, 34));
  for (; b < blocks; b++) store<f32>(dw + b * 4, half(W + b * 34));
}

/** Row r of all panels: unpacked to `w`, its factors to `by`, its scales to their places. */
function unpackRow(format: i32, W: usize, blocks: i32, room: i32, w: usize, by: usize, dw: usize, m: usize, sw: usize): void {
  const minimums = formats.minimumsOf(format);
  const top = <f32>(1 << bits(format));
  if (format == formats.Q8_0) scales(W, blocks, dw);
  else formats.unpack(format, W, blocks, w, dw, m);
  memory.fill(dw + blocks * 4, 0, (room - blocks) * 4);
  memory.fill(m + blocks * minimums * 4, 0, (room - blocks) * minimums * 4);
  const lifts = by + room * 2;
  for (let b = 0; b < blocks; b += BLOCKS) {
    store<f32>(sw, factors(dw + b * 4, m + b * minimums * 4, top, minimums, by + b * 2, lifts + b * 4));
    sw += ROWS * 4;
  }
}

/**
 * `rows` rows of W, `row` bytes apart, into panels; `behind`: where there is room for what they are unpacked to, 304 bytes for
 * each block of whole chunks.
 */
export function panels(format: i32, W: usize, row: usize, rows: i32, blocks: i32, into: usize, sw: usize, behind: usize): void {
  const room = (blocks + BLOCKS - 1) & ~(BLOCKS - 1);
  const by = behind + room * 256;
  const dw = by + room * 32;
  const m = dw + room * 4;
  const shift = i16x8.splat(<i16>(<i32>1 << (12 - bits(format))));
  for (let r: i32 = 0; r < ROWS; r += 4) {
    for (let i: i32 = 0; i < 4; i++) {
      const factor = by + i * room * 8;
      const w = behind + i * room * 64;
      if (r + i < rows) unpackRow(format, W + (r + i) * row, blocks, room, w, factor, dw, m, sw + (r + i) * 4);
      else memory.fill(factor, 0, room * 8); // whatever stands where the row would be, it becomes zeros
    }
    const at = into + r * 4;
    if (format == formats.Q8_0) {
      const w = W + 2;
      const last = rows - 1;
      const w0 = w + min(r, last) * row;
      const w1 = w + min(r + 1, last) * row;
      const w2 = w + min(r + 2, last) * row;
      const w3 = w + min(r + 3, last) * row;
      interleave(w0, w1, w2, w3, by, blocks, room, shift, false, true, at);
      continue;
    }
    const next = behind + room * 64;
    const third = next + room * 64;
    const fourth = third + room * 64;
    if (formats.minimumsOf(format) == 0) interleave(behind, next, third, fourth, by, blocks, room, shift, false, false, at);
    else interleave(behind, next, third, fourth, by, blocks, room, shift, true, false, at);
  }
}
