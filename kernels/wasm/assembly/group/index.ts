/**
 * The inside of attention: up to eight query heads of a group against a block of their keys or of their values.
 *
 *   c[h i] (+)= sum_r a[h r] b[r i]
 *
 * layout   a, c: f32 [h] in rows of ROW bytes; b: panels of eight columns i, one after another, each f32 [r][8] of `panel` bytes
 * numbers  one sum a column, r ascending, multiplied and added with one rounding where the engine has relaxed SIMD and the
 *          processor such an instruction, else with two; neither the number of heads nor the tile changes a bit
 *
 * Each column of b is loaded once for all heads of a tile, and the panels follow each other as they lie in memory, so the
 * processor reads ahead.
 *
 *   narrow  up to five heads by eight columns: ten sums of 128 bits, of which an engine keeps all in registers
 *   wide    up to eight heads: sixteen sums, of which V8 makes eight of 256 bits
 */
import { madd } from "../madd";
import { ROW } from "../state";
export { soften } from "./softmax";


/** A panel. What is loaded is loaded before anything is stored, or lanes cannot be joined. */
// @ts-ignore: decorator
@inline
function tile(heads: i32, a: usize, b: usize, depth: i32, c: usize, more: bool): void {
  let s0 = f32x4.splat(0);
  let t0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let t1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let t2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  let t3 = f32x4.splat(0);
  let s4 = f32x4.splat(0);
  let t4 = f32x4.splat(0);
  let s5 = f32x4.splat(0);
  let t5 = f32x4.splat(0);
  let s6 = f32x4.splat(0);
  let t6 = f32x4.splat(0);
  let s7 = f32x4.splat(0);
  let t7 = f32x4.splat(0);
  if (more) {
    s0 = v128.load(c);
    t0 = v128.load(c, 16);
    if (heads > 1) {
      s1 = v128.load(c, ROW);
      t1 = v128.load(c, ROW + 16);
    }
    if (heads > 2) {
      s2 = v128.load(c, 2 * ROW);
      t2 = v128.load(c, 2 * ROW + 16);
    }
    if (heads > 3) {
      s3 = v128.load(c, 3 * ROW);
      t3 = v128.load(c, 3 * ROW + 16);
    }
    if (heads > 4) {
      s4 = v128.load(c, 4 * ROW);
      t4 = v128.load(c, 4 * ROW + 16);
    }
    if (heads > 5) {
      s5 = v128.load(c, 5 * ROW);
      t5 = v128.load(c, 5 * ROW + 16);
    }
    if (heads > 6) {
      s6 = v128.load(c, 6 * ROW);
      t6 = v128.load(c, 6 * ROW + 16);
    }
    if (heads > 7) {
      s7 = v128.load(c, 7 * ROW);
      t7 = v128.load(c, 7 * ROW + 16);
    }
  }
  const end = b + <usize>depth * 32;
  while (b < end) {
    const low = v128.load(b);
    const high = v128.load(b, 16);
    let w = v128.load32_splat(a);
    s0 = madd(w, low, s0);
    t0 = madd(w, high, t0);
    if (heads > 1) {
      w = v128.load32_splat(a, ROW);
      s1 = madd(w, low, s1);
      t1 = madd(w, high, t1);
    }
    if (heads > 2) {
      w = v128.load32_splat(a, 2 * ROW);
      s2 = madd(w, low, s2);
      t2 = madd(w, high, t2);
    }
    if (heads > 3) {
      w = v128.load32_splat(a, 3 * ROW);
      s3 = madd(w, low, s3);
      t3 = madd(w, high, t3);
    }
    if (heads > 4) {
      w = v128.load32_splat(a, 4 * ROW);
      s4 = madd(w, low, s4);
      t4 = madd(w, high, t4);
    }
    if (heads > 5) {
      w = v128.load32_splat(a, 5 * ROW);
      s5 = madd(w, low, s5);
      t5 = madd(w, high, t5);
    }
    if (heads > 6) {
      w = v128.load32_splat(a, 6 * ROW);
      s6 = madd(w, low, s6);
      t6 = madd(w, high, t6);
    }
    if (heads > 7) {
      w = v128.load32_splat(a, 7 * ROW);
      s7 = madd(w, low, s7);
      t7 = madd(w, high, t7);
    }
    a += 4;
    b += 32;
  }
  v128.store(c, s0);
  v128.store(c, t0, 16);
  if (heads > 1) {
    v128.store(c, s1, ROW);
    v128.store(c, t1, ROW + 16);
  }
  if (heads > 2) {
    v128.store(c, s2, 2 * ROW);
    v128.store(c, t2, 2 * ROW + 16);
  }
  if (heads > 3) {
    v128.store(c, s3, 3 * ROW);
    v128.store(c, t3, 3 * ROW + 16);
  }
  if (heads > 4) {
    v128.store(c, s4, 4 * ROW);
    v128.store(c, t4, 4 * ROW + 16);
  }
  if (heads > 5) {
    v128.store(c, s5, 5 * ROW);
    v128.store(c, t5, 5 * ROW + 16);
  }
  if (heads > 6) {
    v128.store(c, s6, 6 * ROW);
    v128.store(c, t6, 6 * ROW + 16);
  }
  if (heads > 7) {
    v128.store(c, s7, 7 * ROW);
    v128.store(c, t7, 7 * ROW + 16);
  }
}

function upTo8(heads: i32, a: usize, b: usize, depth: i32, c: usize, more: bool): void {
  switch (heads) {
    case 6:
      return tile(6, a, b, depth, c, more);
    case 7:
      return tile(7, a, b, depth, c, more);
    case 8:
      return tile(8, a, b, depth, c, more);
    default:
      return upTo5(heads, a, b, depth, c, more);
  }
}

function upTo5(heads: i32, a: usize, b: usize, depth: i32, c: usize, more: bool): void {
  switch (heads) {
    case 1:
      return tile(1, a, b, depth, c, more);
    case 2:
      return tile(2, a, b, depth, c, more);
    case 3:
      return tile(3, a, b, depth, c, more);
    case 4:
      return tile(4, a, b, depth, c, more);
    default:
      return tile(5, a, b, depth, c, more);
  }
}

/** All `panels`, in tiles of at most five heads. `more`: what c holds is added to. */
export function narrow(
  heads: i32,
  a: usize,
  b: usize,
  panel: i32,
  depth: i32,
  panels: i32,
  c: usize,
  more: bool,
): void {
  const first = heads <= 5 ? heads : heads - heads / 2;
  for (let i = 0; i < panels; i++) {
    upTo5(first, a, b, depth, c, more);
    if (first < heads) upTo5(heads - first, a + first * ROW, b, depth, c + first * ROW, more);
    b += panel;
    c += 32;
  }
}

/** The same in one tile. */
export function wide(heads: i32, a: usize, b: usize, panel: i32, depth: i32, panels: i32, c: usize, more: bool): void {
  for (let i = 0; i < panels; i++) {
    upTo8(heads, a, b, depth, c, more);
    b += panel;
    c += 32;
  }
}
