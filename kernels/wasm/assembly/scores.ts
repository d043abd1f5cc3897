/**
 * x[s] = q . k[s] scale for `count` positions of a block.
 *
 * numbers  float32: four lanes of every fourth d, then the lanes, as total() adds them; every tile adds in this order
 *
 *   1  one head against four positions, or one
 *   2  two heads against four positions: each key is loaded for two products
 */
import { total } from "./sums";

/** The totals of four sums in four lanes, in the order of total(). */
// @ts-ignore: decorator
@inline
function totals(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  const low = f32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
  return f32x4.add(low, f32x4.add(v128.shuffle<i64>(abHigh, cdHigh, 0, 2), v128.shuffle<i64>(abHigh, cdHigh, 1, 3)));
}

function one(q: usize, k: usize, D: i32, scale: f32): f32 {
  let sum = f32x4.splat(0);
  for (let d: usize = 0; d < <usize>D * 4; d += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(q + d), v128.load(k + d)));
  return total(sum) * scale;
}

export function scoresOne(q: usize, k: usize, row: usize, D: i32, scale: f32, count: i32, x: usize): void {
  let s = 0;
  for (; s + 4 <= count; s += 4) {
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    const k1 = k + row;
    const k2 = k1 + row;
    const k3 = k2 + row;
    for (let d: usize = 0; d < <usize>D * 4; d += 16) {
      const p = v128.load(q + d);
      a0 = f32x4.add(a0, f32x4.mul(p, v128.load(k + d)));
      a1 = f32x4.add(a1, f32x4.mul(p, v128.load(k1 + d)));
      a2 = f32x4.add(a2, f32x4.mul(p, v128.load(k2 + d)));
      a3 = f32x4.add(a3, f32x4.mul(p, v128.load(k3 + d)));
    }
    v128.store(x + s * 4, f32x4.mul(totals(a0, a1, a2, a3), f32x4.splat(scale)));
    k += 4 * row;
  }
  for (; s < count; s++) {
    store<f32>(x + s * 4, one(q, k, D, scale));
    k += row;
  }
}

/** x for the head at q, y for the one after it. */
export function scoresTwo(q: usize, k: usize, row: usize, D: i32, scale: f32, count: i32, x: usize, y: usize): void {
  const head: usize = D * 4;
  const q1 = q + head;
  let s = 0;
  for (; s + 4 <= count; s += 4) {
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    let b0 = f32x4.splat(0);
    let b1 = f32x4.splat(0);
    let b2 = f32x4.splat(0);
    let b3 = f32x4.splat(0);
    const k1 = k + row;
    const k2 = k1 + row;
    const k3 = k2 + row;
    for (let d: usize = 0; d < head; d += 16) {
      const p = v128.load(q + d);
      const r = v128.load(q1 + d);
      let key = v128.load(k + d);
      a0 = f32x4.add(a0, f32x4.mul(p, key));
      b0 = f32x4.add(b0, f32x4.mul(r, key));
      key = v128.load(k1 + d);
      a1 = f32x4.add(a1, f32x4.mul(p, key));
      b1 = f32x4.add(b1, f32x4.mul(r, key));
      key = v128.load(k2 + d);
      a2 = f32x4.add(a2, f32x4.mul(p, key));
      b2 = f32x4.add(b2, f32x4.mul(r, key));
      key = v128.load(k3 + d);
      a3 = f32x4.add(a3, f32x4.mul(p, key));
      b3 = f32x4.add(b3, f32x4.mul(r, key));
    }
    v128.store(x + s * 4, f32x4.mul(totals(a0, a1, a2, a3), f32x4.splat(scale)));
    v128.store(y + s * 4, f32x4.mul(totals(b0, b1, b2, b3), f32x4.splat(scale)));
    k += 4 * row;
  }
  for (; s < count; s++) {
    store<f32>(x + s * 4, one(q, k, D, scale));
    store<f32>(y + s * 4, one(q1, k, D, scale));
    k += row;
  }
}
