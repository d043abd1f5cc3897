/**
 * Panels: sixteen rows of weights of any block format as whole numbers, with one scale for a row's 256 columns.
 *
 *   w[k][r i] = round((dw[r b] v[r i] + m[r b]) / sw[k][r]),   sw[k][r] = max_b (|dw| 2^p + |m|) / 4090      b: blocks of k
 *
 * layout   into: for each k i16 [128][16 rows][2], pairs of columns, row beside row, 8,192 bytes; sw: f32 [k][16]; behind sw
 *          lies room for four rows as unpack.ts has them
 * numbers  v 2^(12 - p) times a factor of 15 bits, rounded to a whole number (i16x8.q15mulr_sat), and the minimum so rounded:
 *          |w| <= 4092. It is within 0.57 of what is rounded, and within 1.07 where the format has minimums. A row that is
 *          not there is zeros.
 *
 *   1  a panel at a time, from all rows: the processor does not read ahead in sixteen short pieces; gone
 *   2  whole rows, one after another, into all their panels
 */
import { LEAST } from "./prompt";
import * as formats from "./unpack";
import { GROUPED, groupedBits } from "./unpack-grouped";

/** Rows of a panel, its blocks in a row, and its bytes. */
export const ROWS: i32 = 16;
export const BLOCKS: i32 = 8;
export const PANEL: usize = 8192;
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

/** To the nearest; below 2^15 by the scale, of what is no number zero. */
// @ts-ignore: decorator
@inline
function whole(value: f32): i16 {
  return <i16>(<i32>nearest<f32>(value));
}

/** A chunk's scale in a row; from its blocks' scales and minimums, for each in i16: a factor, nothing, the halves' minimums. */
// @ts-ignore: decorator
@inline
function factors(dw: usize, m: usize, blocks: i32, top: f32, minimums: i32, by: usize): f32 {
  let most: f32 = 0;
  for (let b = 0; b < blocks; b++) {
    let lift: f32 = 0;
    for (let i = b * minimums; i < (b + 1) * minimums; i++) lift = max(lift, abs<f32>(load<f32>(m + i * 4)));
    most = max(most, abs<f32>(load<f32>(dw + b * 4)) * top + lift);
  }
  const scale = max(most / MOST, LEAST);
  const inverse: f32 = 1 / scale;
  for (let b = 0; b < blocks; b++) {
    const at = by + b * 8;
    store<i16>(at, whole(load<f32>(dw + b * 4) * (top * 8) * inverse));
    if (minimums == 0) continue;
    store<i16>(at, whole(load<f32>(m + b * minimums * 4) * inverse), 4);
    store<i16>(at, whole(load<f32>(m + ((b + 1) * minimums - 1) * 4) * inverse), 6);
  }
  return scale;
}

/** Eight columns of a row; `half`: whose minimum is added. */
// @ts-ignore: decorator
@inline
function eight(w: usize, shift: v128, factor: v128, by: usize, half: usize, lift: bool): v128 {
  const v = i16x8.q15mulr_sat_s(i16x8.mul(v128.load(w), shift), factor);
  return lift ? i16x8.add(v, v128.load16_splat(by + half)) : v;
}

/** Four rows of `blocks` blocks at w into their places of the panels. */
// @ts-ignore: decorator
@inline
function interleave(w: usize, by: usize, blocks: i32, shift: v128, lift: bool, into: usize): void {
  const row: usize = blocks * 64;
  const next: usize = blocks * 8;
  for (let b = 0; b < blocks; b++) {
    const f0 = v128.load16_splat(by);
    const f1 = v128.load16_splat(by + next);
    const f2 = v128.load16_splat(by + 2 * next);
    const f3 = v128.load16_splat(by + 3 * next);
    for (let i: usize = 0; i < 64; i += 16) {
      const half: usize = 4 + (i >> 5) * 2;
      const r0 = eight(w + i, shift, f0, by, half, lift);
      const r1 = eight(w + i + row, shift, f1, by + next, half, lift);
      const r2 = eight(w + i + 2 * row, shift, f2, by + 2 * next, half, lift);
      const r3 = eight(w + i + 3 * row, shift, f3, by + 3 * next, half, lift);
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
    w += 64;
    by += 8;
  }
}

/** Row r of all panels: unpacked to `w`, its factors to `by`, its scales to their places. */
function unpackRow(format: i32, W: usize, blocks: i32, w: usize, by: usize, dw: usize, m: usize, sw: usize): void {
  const minimums = formats.minimumsOf(format);
  const top = <f32>(1 << bits(format));
  formats.unpack(format, W, blocks, w, dw, m);
  for (let b = 0; b < blocks; b += BLOCKS) {
    const count = min(BLOCKS, blocks - b);
    store<f32>(sw, factors(dw + b * 4, m + b * minimums * 4, count, top, minimums, by + b * 8));
    sw += ROWS * 4;
  }
}

/** `rows` rows of W, `row` bytes apart, into panels; `behind`: where there is room for what they are unpacked to. */
export function panels(format: i32, W: usize, row: usize, rows: i32, blocks: i32, into: usize, sw: usize, behind: usize): void {
  const by = behind + blocks * 256;
  const dw = by + blocks * 32;
  const m = dw + blocks * 4;
  const shift = i16x8.splat(<i16>(<i32>1 << (12 - bits(format))));
  for (let r: i32 = 0; r < ROWS; r += 4) {
    for (let i: i32 = 0; i < 4; i++) {
      const w = behind + i * blocks * 64;
      const factor = by + i * blocks * 8;
      if (r + i < rows) unpackRow(format, W + (r + i) * row, blocks, w, factor, dw, m, sw + (r + i) * 4);
      else {
        memory.fill(w, 0, blocks * 64);
        memory.fill(factor, 0, blocks * 8);
      }
    }
    if (formats.minimumsOf(format) != 0) interleave(behind, by, blocks, shift, true, into + r * 4);
    else interleave(behind, by, blocks, shift, false, into + r * 4);
  }
}
