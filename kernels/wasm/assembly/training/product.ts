/**
 * Matrix products of any size, in tiles of four rows by eight columns; of five, where one would be left.
 *
 *   rows      c[m n] = init[m n] + sum_k a[m k] b[k n]
 *   columns   c[m n] = init[m n] + sum_k a[k m] b[k n]
 *
 * layout   b in panels of eight columns, `panel` bytes apart, in each of which rows are bk bytes apart; the last panel is read
 *          to its end, and what is not a column of c is not stored. Where init has one row for all, im is 0. `edge`: 128 bytes
 *          for passing use.
 */
import { columnsByFour, one, rowsByFive, rowsByFour } from "./tile";

/** Copies the columns that there are. */
// @ts-ignore: decorator
@inline
function part(from: usize, rows: i32, columns: i32, c: usize, cm: usize): void {
  for (let m = 0; m < rows; m++) memory.copy(c + m * cm, from + m * 32, <usize>columns << 2);
}

/** Rows [m, M) of a product's panel. */
// @ts-ignore: decorator
@inline
function panelOfRows(
  a: usize, am: usize, b: usize, bk: usize, K: i32, init: usize, im: usize, c: usize, cm: usize,
  m: i32, M: i32, columns: i32, edge: usize,
): void {
  const whole = columns >= 8;
  for (; m + 4 <= M; m += 4) {
    if (whole && m + 5 == M) {
      rowsByFive(a + m * am, am, b, bk, K, init + m * im, im, c + m * cm, cm);
      return;
    }
    if (whole) rowsByFour(a + m * am, am, b, bk, K, init + m * im, im, c + m * cm, cm);
    else {
      rowsByFour(a + m * am, am, b, bk, K, init + m * im, im, edge, 32);
      part(edge, 4, columns, c + m * cm, cm);
    }
  }
  for (; m < M; m++) {
    if (whole) one(a + m * am, 4, b, bk, K, init + m * im, c + m * cm);
    else {
      one(a + m * am, 4, b, bk, K, init + m * im, edge);
      part(edge, 1, columns, c + m * cm, cm);
    }
  }
}

/** Rows that are multiplied by all panels before the next are: they stay near, and so does a panel. */
const BLOCK = 64;

export function rows(
  a: usize, am: usize, b: usize, bk: usize, panel: usize, init: usize, im: usize, c: usize, cm: usize,
  M: i32, K: i32, N: i32, edge: usize,
): void {
  for (let m = 0; m < M; m += BLOCK) {
    const end = min(m + BLOCK, M);
    for (let n = 0; n < N; n += 8) {
      const at: usize = n << 2;
      panelOfRows(a, am, b + (n >> 3) * panel, bk, K, init + at, im, c + at, cm, m, end, N - n, edge);
    }
  }
}

/** `a` in groups of four rows of c, `group` bytes apart, in each of which k is ak bytes apart. */
export function columns(
  a: usize, ak: usize, group: usize, b: usize, bk: usize, panel: usize, init: usize, im: usize, c: usize, cm: usize,
  M: i32, K: i32, N: i32, edge: usize,
): void {
  for (let n = 0; n < N; n += 8) {
    const at: usize = n << 2;
    const bn = b + (n >> 3) * panel;
    const whole = N - n >= 8;
    for (let m = 0; m < M; m += 4) {
      const am = a + (m >> 2) * group;
      const from = init + m * im + at;
      const into = c + m * cm + at;
      if (m + 4 <= M) {
        if (whole) columnsByFour(am, ak, bn, bk, K, from, im, into, cm);
        else {
          columnsByFour(am, ak, bn, bk, K, from, im, edge, 32);
          part(edge, 4, N - n, into, cm);
        }
      } else {
        for (let r: usize = 0; r < <usize>(M - m); r++) {
          one(am + (r << 2), ak, bn, bk, K, from + r * im, edge);
          part(edge, 1, min(N - n, 8), into + r * cm, cm);
        }
      }
    }
  }
}

/** y[t o] = init[t o] + sum_i x[t i] w[o i]: w as `transposed` packs it (pack.ts), or as `panels` does for its backward. */
export function product(
  x: usize, w: usize, init: usize, im: i32, y: usize, T: i32, I: i32, O: i32, edge: usize,
): void {
  rows(x, <usize>I << 2, w, 32, <usize>I << 5, init, im, y, <usize>O << 2, T, I, O, edge);
}

/** dW[o i] = init[o i] + sum_t dy[t o] x[t i]: dy as `quads` packs it, x as `panels` does. `im`: 4 I, or 0 where init is 0. */
export function slopes(
  dy: usize, x: usize, init: usize, im: i32, dW: usize, T: i32, I: i32, O: i32, edge: usize,
): void {
  columns(dy, 16, <usize>T << 4, x, 32, <usize>T << 5, init, im, dW, <usize>I << 2, O, T, I, edge);
}
