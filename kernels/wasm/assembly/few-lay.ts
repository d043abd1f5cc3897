/**
 * The first part of few.ts: lanes of a few blocks of two rows and one token or two, laid aside.
 */

/** Bytes of a block: the kind of a format here. */
export const Q8_0: usize = 34;
export const Q4_0: usize = 18;
export const Q4_1: usize = 20;

/** Blocks whose lanes are laid aside, and the bytes they take. */
export const LAID: i32 = 16;
export const LAID_BYTES: usize = 256;

/** Where the integers of a block begin. */
// @ts-ignore: decorator
@inline
export function head(size: usize): usize {
  return size == Q4_1 ? 4 : 2;
}

/** The sixteen bytes of a block of 4 bits at w; nothing for Q8_0. */
// @ts-ignore: decorator
@inline
function bytes(size: usize, w: usize): v128 {
  return size == Q8_0 ? i32x4.splat(0) : v128.load(w);
}

/** The first to fourth eight weights, as q has them, of the block whose integers begin at w; n: bytes of 4 bits. */
// @ts-ignore: decorator
@inline
function eight0(size: usize, w: usize, n: v128, fifteen: v128): v128 {
  return size == Q8_0 ? v128.load8x8_s(w) : v128.and(n, fifteen);
}

// @ts-ignore: decorator
@inline
function eight1(size: usize, w: usize, n: v128, fifteen: v128): v128 {
  return size == Q8_0 ? v128.load8x8_s(w, 8) : v128.and(i16x8.shr_u(n, 8), fifteen);
}

// @ts-ignore: decorator
@inline
function eight2(size: usize, w: usize, n: v128, fifteen: v128): v128 {
  return size == Q8_0 ? v128.load8x8_s(w, 16) : v128.and(i16x8.shr_u(n, 4), fifteen);
}

// @ts-ignore: decorator
@inline
function eight3(size: usize, w: usize, n: v128): v128 {
  return size == Q8_0 ? v128.load8x8_s(w, 24) : i16x8.shr_u(n, 12);
}

// @ts-ignore: decorator
@inline
function lanes(w0: v128, w1: v128, w2: v128, w3: v128, q0: v128, q1: v128, q2: v128, q3: v128): v128 {
  const low = i32x4.add(i32x4.dot_i16x8_s(w0, q0), i32x4.dot_i16x8_s(w1, q1));
  return i32x4.add(low, i32x4.add(i32x4.dot_i16x8_s(w2, q2), i32x4.dot_i16x8_s(w3, q3)));
}

/** Lays aside the lanes of `count` blocks: of row v and token q, then v and r, w and q, w and r. */
// @ts-ignore: decorator
@inline
export function lay(size: usize, pair: bool, v: usize, w: usize, q: usize, r: usize, count: i32, p: usize, mask: usize): void {
  const end = p + count * 16;
  const fifteen = size == Q8_0 ? i32x4.splat(0) : v128.load16_splat(mask);
  while (p < end) {
    const q0 = v128.load(q);
    const q1 = v128.load(q, 16);
    const q2 = v128.load(q, 32);
    const q3 = v128.load(q, 48);
    const m = bytes(size, v);
    let w0 = eight0(size, v, m, fifteen);
    let w1 = eight1(size, v, m, fifteen);
    let w2 = eight2(size, v, m, fifteen);
    let w3 = eight3(size, v, m);
    v128.store(p, lanes(w0, w1, w2, w3, q0, q1, q2, q3));
    if (pair) {
      const r0 = v128.load(r);
      const r1 = v128.load(r, 16);
      const r2 = v128.load(r, 32);
      const r3 = v128.load(r, 48);
      v128.store(p, lanes(w0, w1, w2, w3, r0, r1, r2, r3), LAID_BYTES);
    }
    const n = bytes(size, w);
    w0 = eight0(size, w, n, fifteen);
    w1 = eight1(size, w, n, fifteen);
    w2 = eight2(size, w, n, fifteen);
    w3 = eight3(size, w, n);
    v128.store(p, lanes(w0, w1, w2, w3, q0, q1, q2, q3), 2 * LAID_BYTES);
    if (pair) {
      const r0 = v128.load(r);
      const r1 = v128.load(r, 16);
      const r2 = v128.load(r, 32);
      const r3 = v128.load(r, 48);
      v128.store(p, lanes(w0, w1, w2, w3, r0, r1, r2, r3), 3 * LAID_BYTES);
      r += 64;
    }
    v += size;
    w += size;
    q += 64;
    p += 16;
  }
}

