/**
 * a = a keep + sum_s p[s] v[s] over a block.
 *
 * numbers  float32, s ascending, each channel by itself
 *
 *   1  one head, sixteen channels at a time and then four
 *   2  two heads, whose values are loaded once
 */

/** Four channels of one head. */
// @ts-ignore: decorator
@inline
function four(a: usize, keep: f32, p: usize, v: usize, row: usize, count: i32): void {
  let sum = f32x4.mul(v128.load(a), f32x4.splat(keep));
  for (let s = 0; s < count; s++) {
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(p + s * 4), v128.load(v)));
    v += row;
  }
  v128.store(a, sum);
}

export function mixOne(a: usize, keep: f32, p: usize, v: usize, row: usize, D: i32, count: i32): void {
  const k = f32x4.splat(keep);
  let d = 0;
  for (; d + 16 <= D; d += 16) {
    const at = a + d * 4;
    let a0 = f32x4.mul(v128.load(at), k);
    let a1 = f32x4.mul(v128.load(at, 16), k);
    let a2 = f32x4.mul(v128.load(at, 32), k);
    let a3 = f32x4.mul(v128.load(at, 48), k);
    let from = v + d * 4;
    for (let s = 0; s < count; s++) {
      const w = v128.load32_splat(p + s * 4);
      a0 = f32x4.add(a0, f32x4.mul(w, v128.load(from)));
      a1 = f32x4.add(a1, f32x4.mul(w, v128.load(from, 16)));
      a2 = f32x4.add(a2, f32x4.mul(w, v128.load(from, 32)));
      a3 = f32x4.add(a3, f32x4.mul(w, v128.load(from, 48)));
      from += row;
    }
    v128.store(at, a0);
    v128.store(at, a1, 16);
    v128.store(at, a2, 32);
    v128.store(at, a3, 48);
  }
  for (; d < D; d += 4) four(a + d * 4, keep, p, v + d * 4, row, count);
}

/** Two heads: a with weights x, and the one after it with weights y. */
export function mixTwo(
  a: usize,
  keep0: f32,
  keep1: f32,
  x: usize,
  y: usize,
  v: usize,
  row: usize,
  D: i32,
  count: i32,
): void {
  const head: usize = D * 4;
  let d = 0;
  for (; d + 16 <= D; d += 16) {
    const at = a + d * 4;
    const bt = at + head;
    let a0 = f32x4.mul(v128.load(at), f32x4.splat(keep0));
    let a1 = f32x4.mul(v128.load(at, 16), f32x4.splat(keep0));
    let a2 = f32x4.mul(v128.load(at, 32), f32x4.splat(keep0));
    let a3 = f32x4.mul(v128.load(at, 48), f32x4.splat(keep0));
    let b0 = f32x4.mul(v128.load(bt), f32x4.splat(keep1));
    let b1 = f32x4.mul(v128.load(bt, 16), f32x4.splat(keep1));
    let b2 = f32x4.mul(v128.load(bt, 32), f32x4.splat(keep1));
    let b3 = f32x4.mul(v128.load(bt, 48), f32x4.splat(keep1));
    let from = v + d * 4;
    for (let s = 0; s < count; s++) {
      const w = v128.load32_splat(x + s * 4);
      const u = v128.load32_splat(y + s * 4);
      let value = v128.load(from);
      a0 = f32x4.add(a0, f32x4.mul(w, value));
      b0 = f32x4.add(b0, f32x4.mul(u, value));
      value = v128.load(from, 16);
      a1 = f32x4.add(a1, f32x4.mul(w, value));
      b1 = f32x4.add(b1, f32x4.mul(u, value));
      value = v128.load(from, 32);
      a2 = f32x4.add(a2, f32x4.mul(w, value));
      b2 = f32x4.add(b2, f32x4.mul(u, value));
      value = v128.load(from, 48);
      a3 = f32x4.add(a3, f32x4.mul(w, value));
      b3 = f32x4.add(b3, f32x4.mul(u, value));
      from += row;
    }
    v128.store(at, a0);
    v128.store(at, a1, 16);
    v128.store(at, a2, 32);
    v128.store(at, a3, 48);
    v128.store(bt, b0);
    v128.store(bt, b1, 16);
    v128.store(bt, b2, 32);
    v128.store(bt, b3, 48);
  }
  for (; d < D; d += 4) {
    four(a + d * 4, keep0, x, v + d * 4, row, count);
    four(a + head + d * 4, keep1, y, v + d * 4, row, count);
  }
}
