/**
 * The inside of every matrix product of training, a few rows by eight columns, which stay in registers:
 *
 *   c[m n] = init[m n] + sum_k a[m k] b[k n],   k ascending
 *
 * layout   b: eight columns of f32, rows bk bytes apart; rows of init and of c are im and cm bytes apart
 * numbers  one sum an element, each product and each addition rounded to float32: the same bits in a tile of five rows, of
 *          four and of one, so a row does not depend on how many there are
 */

/** Four rows of a, am bytes apart, k beside k. */
export function rowsByFour(
  a: usize, am: usize, b: usize, bk: usize, K: i32, init: usize, im: usize, c: usize, cm: usize,
): void {
  let c00 = v128.load(init);
  let c01 = v128.load(init, 16);
  let c10 = v128.load(init + im);
  let c11 = v128.load(init + im, 16);
  let c20 = v128.load(init + 2 * im);
  let c21 = v128.load(init + 2 * im, 16);
  let c30 = v128.load(init + 3 * im);
  let c31 = v128.load(init + 3 * im, 16);
  let a1 = a + am;
  let a2 = a1 + am;
  let a3 = a2 + am;
  const end = a + (<usize>K << 2);
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let p = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(p, b0));
    c01 = f32x4.add(c01, f32x4.mul(p, b1));
    p = v128.load32_splat(a1);
    c10 = f32x4.add(c10, f32x4.mul(p, b0));
    c11 = f32x4.add(c11, f32x4.mul(p, b1));
    p = v128.load32_splat(a2);
    c20 = f32x4.add(c20, f32x4.mul(p, b0));
    c21 = f32x4.add(c21, f32x4.mul(p, b1));
    p = v128.load32_splat(a3);
    c30 = f32x4.add(c30, f32x4.mul(p, b0));
    c31 = f32x4.add(c31, f32x4.mul(p, b1));
    b += bk;
    a += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c + cm, c10);
  v128.store(c + cm, c11, 16);
  v128.store(c + 2 * cm, c20);
  v128.store(c + 2 * cm, c21, 16);
  v128.store(c + 3 * cm, c30);
  v128.store(c + 3 * cm, c31, 16);
}

/** The same of five rows: as many queries as share a key in QwQ, and what is left of rows in fours and one. */
export function rowsByFive(
  a: usize, am: usize, b: usize, bk: usize, K: i32, init: usize, im: usize, c: usize, cm: usize,
): void {
  let c00 = v128.load(init);
  let c01 = v128.load(init, 16);
  let c10 = v128.load(init + im);
  let c11 = v128.load(init + im, 16);
  let c20 = v128.load(init + 2 * im);
  let c21 = v128.load(init + 2 * im, 16);
  let c30 = v128.load(init + 3 * im);
  let c31 = v128.load(init + 3 * im, 16);
  let c40 = v128.load(init + 4 * im);
  let c41 = v128.load(init + 4 * im, 16);
  let a1 = a + am;
  let a2 = a1 + am;
  let a3 = a2 + am;
  let a4 = a3 + am;
  const end = a + (<usize>K << 2);
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let p = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(p, b0));
    c01 = f32x4.add(c01, f32x4.mul(p, b1));
    p = v128.load32_splat(a1);
    c10 = f32x4.add(c10, f32x4.mul(p, b0));
    c11 = f32x4.add(c11, f32x4.mul(p, b1));
    p = v128.load32_splat(a2);
    c20 = f32x4.add(c20, f32x4.mul(p, b0));
    c21 = f32x4.add(c21, f32x4.mul(p, b1));
    p = v128.load32_splat(a3);
    c30 = f32x4.add(c30, f32x4.mul(p, b0));
    c31 = f32x4.add(c31, f32x4.mul(p, b1));
    p = v128.load32_splat(a4);
    c40 = f32x4.add(c40, f32x4.mul(p, b0));
    c41 = f32x4.add(c41, f32x4.mul(p, b1));
    b += bk;
    a += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    a4 += 4;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c + cm, c10);
  v128.store(c + cm, c11, 16);
  v128.store(c + 2 * cm, c20);
  v128.store(c + 2 * cm, c21, 16);
  v128.store(c + 3 * cm, c30);
  v128.store(c + 3 * cm, c31, 16);
  v128.store(c + 4 * cm, c40);
  v128.store(c + 4 * cm, c41, 16);
}

/** One row of a, its k ak bytes apart. */
export function one(a: usize, ak: usize, b: usize, bk: usize, K: i32, init: usize, c: usize): void {
  let c0 = v128.load(init);
  let c1 = v128.load(init, 16);
  for (let k = 0; k < K; k++) {
    const p = v128.load32_splat(a);
    c0 = f32x4.add(c0, f32x4.mul(p, v128.load(b)));
    c1 = f32x4.add(c1, f32x4.mul(p, v128.load(b, 16)));
    a += ak;
    b += bk;
  }
  v128.store(c, c0);
  v128.store(c, c1, 16);
}

/** Four rows of a that lie side by side, k by k, ak bytes apart: a transposed. */
export function columnsByFour(
  a: usize, ak: usize, b: usize, bk: usize, K: i32, init: usize, im: usize, c: usize, cm: usize,
): void {
  let c00 = v128.load(init);
  let c01 = v128.load(init, 16);
  let c10 = v128.load(init + im);
  let c11 = v128.load(init + im, 16);
  let c20 = v128.load(init + 2 * im);
  let c21 = v128.load(init + 2 * im, 16);
  let c30 = v128.load(init + 3 * im);
  let c31 = v128.load(init + 3 * im, 16);
  for (let k = K; k > 0; k--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let p = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(p, b0));
    c01 = f32x4.add(c01, f32x4.mul(p, b1));
    p = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(p, b0));
    c11 = f32x4.add(c11, f32x4.mul(p, b1));
    p = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(p, b0));
    c21 = f32x4.add(c21, f32x4.mul(p, b1));
    p = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(p, b0));
    c31 = f32x4.add(c31, f32x4.mul(p, b1));
    b += bk;
    a += ak;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c + cm, c10);
  v128.store(c + cm, c11, 16);
  v128.store(c + 2 * cm, c20);
  v128.store(c + 2 * cm, c21, 16);
  v128.store(c + 3 * cm, c30);
  v128.store(c + 3 * cm, c31, 16);
}
